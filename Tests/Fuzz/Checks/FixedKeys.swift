import JOSE

/// Keys that protect nothing: made for these checks and written here, so that seeds signed by them stay valid.
enum FixedKeys {
    static let all = [p256, ed25519, rsa]

    static let p256 = key(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglarE/2H+ksu2lsWP
        X7w2Yo6G00+0mKVFB61QYWmmRT+hRANCAARSmv7OMFWa0KmA8LwyRh9x+YmdnuRt
        8o4HaGpEzd3ketN1ieikCggabegjVBqYAXZjQ/UOnEvABWbqHqncuq+h
        -----END PRIVATE KEY-----
        """)

    static let ed25519 = key(
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIP3L9Hk5iJRyF7TBXTUYH6DJVM629HyKJ+SRTASdotpp
        -----END PRIVATE KEY-----
        """)

    static let rsa = key(
        """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC20JmI034fKHNL
        QEZnubWQHRWuDnEeB/9yuqDNK2O7bb2RuvHYqQos8UhNdzwtSpLayMJPUcZEpBLj
        ylPEy8LRxaM+aWU40d6Yhvizil2aiQ5ytTUSm4HUO7V0ca5lyUqrAG5JA+GiEcUS
        DisRrSgA/WQY24xl8yQixl7L6NHbp2peUGjuVYG37qYQoKvXt1/IQusTjNRG+1os
        qYYkcDYBwHY0wGpTgHOmbE9+8RYafWX7c6dDygh3xsZp7O0h0Sz89N05WXILNFQ2
        3fILuvswObQTgfEoUZ4fetnohlktLDuYQSEGcfiGWzydOcskl0ay2lwOXPBNoxxe
        q+jgsT/PAgMBAAECggEAAsD+y03+MGiMIwTS+4cudKeXt8batMqooVGFSbLEwrTN
        J3071oa3QJqkgfKm5VXD6ILqRf/FfLJuCUJBVjYIhN9W2VMf6TNkj1BUWOswfU85
        E4VVwnc8IDNAD3wgEprS5Fy3OGCDTTjwThG34ofjM564gL2RgPEF8YPYsIQIuULS
        tDYmCMYby7Geaitbli2FqhgsamJVU2YDV5BthSgcxEAxa6uIFy8rk8r3Xzt2SkPR
        RtYFxCBJ+Ae8Jkwu0/JzWMgKKNqTl3SefjA6CGoY+Q02Z2JUVkT96FMgOkC2LMyO
        CcJd6geqgUJK9eWJndpSonyNYfBreWrgGstL5AA/oQKBgQDhrIV+gJftV+Aq1feb
        UsQZzXtTP/KYc/hVB8PVC7gqyxfO81VNO3kPVRo41ZTKa5jnyQbkyfg7g66SSJ0A
        bR3zL2ftvZOGToUhDZ9LZHpffiPOjVMVATZG/8W1zOUO1RLHmdPmZjBsRyXf77vn
        fhm6Af6/3g7t7oJHpJP2JIESYQKBgQDPYauLNQRd4fqtbSX3BBDQa7QId8+CIfHz
        1Q4wweCT0QNYyBno0jT7peYcj3/44lLvNZavztadOBxHVoAd6ecBMxtDlP6dV5gy
        Mbs521i7lE/5FzMPjyJkLYfyOqdeaRtDQfsitSMQJxAu0cnsyephhjiexTacqXyZ
        sKXG2SrgLwKBgA060fCilUWCu0+Hj6Z5aamhlDNDMnOhiNNjSyW4NCm+Ej09oqiO
        bgBqGsluK/TZ7fLYpCDRfk3u4FMPErUtsG3LP6p+TKG5BLD1XXtL/qiOeobnXhGD
        Kq1q3SpVQrBl6V3uNK/zGa+fVCcWpMtjZxqydz7EQ9fK/bQ5f7sUVMTBAoGAeEbT
        cWeMYs7/zrnxPPTUs6zju82RQo5hf+Pf2RN5JwIgiMt1i3zvUcyES6hGtpi9NRPF
        k63I92JltFJM+AyC+EUl2Op/Sc5V7Ta+ue2n5xM71uJHsQx5C9UEdc7i53TaZQXN
        m/GmpmWhkyYFkRoCoBFyoVMMO4xpQdIcM9ocbe0CgYEAxxw4ZAn+2QJbzOwL0AmY
        kp++petagZ4MPGw2EADnqrthQl2+dQ/9q/NmPkm6nsi0kYyY2SmpYmW6vLAg8jmo
        nu15ENhgdw2Y6Ae+UMhUbMlmBjGUwNsBgiPUsYgwIHoEaq1/+2IL/htqXTdVCrH+
        E6ofGAktsvNoRn2gMgWZI10=
        -----END PRIVATE KEY-----
        """)

    private static func key(_ pem: String) -> PrivateKey {
        guard let key = try? PrivateKey(pem: pem) else { preconditionFailure("a fixed key cannot be read") }
        return key
    }
}
