/// Made once by other libraries (Python's cryptography and joserfc): certificates that this module does not issue,
/// all "CONTOH FIKTIF", valid from 2026-01-01 to 2036-01-01; keys of theirs, which protect nothing; and what was sealed
/// to `leaf`'s key.
enum Fixtures {
    static let root = """
        -----BEGIN CERTIFICATE-----
        MIIBsjCCAVmgAwIBAgIUBwsmst9ifvSWOGs+LXuqAak2W1MwCgYIKoZIzj0EAwIw
        JzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjENMAsGA1UEAwwEQWthcjAeFw0yNjAx
        MDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMCcxFjAUBgNVBAoMDUNPTlRPSCBGSUtU
        SUYxDTALBgNVBAMMBEFrYXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQYnQxX
        8TZV7PUapP6HPDNg/139m0rrjb2NSv/Q4o1B6If8PqXIAKulyMUaDel4/tKUH9oc
        Q9KouBWn5fifAWtoo2MwYTAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIB
        BjAdBgNVHQ4EFgQUtm8l+eqCxjE+iY20HdUaMZ0XPe8wHwYDVR0jBBgwFoAUtm8l
        +eqCxjE+iY20HdUaMZ0XPe8wCgYIKoZIzj0EAwIDRwAwRAIgBij0THgDI5yeKC3n
        YY3YmWbqOv7Uk+Q8u7rK6CycuK8CIASSReZMI7aNTqCjZV0JrUgQPBRLsEfvDXIO
        of8F1vkJ
        -----END CERTIFICATE-----
        """

    static let intermediate = """
        -----BEGIN CERTIFICATE-----
        MIIBtjCCAVugAwIBAgIUDOZ+bTaf9FS+D5qUoeq1j4Q6+EgwCgYIKoZIzj0EAwIw
        JzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjENMAsGA1UEAwwEQWthcjAeFw0yNjAx
        MDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMCkxFjAUBgNVBAoMDUNPTlRPSCBGSUtU
        SUYxDzANBgNVBAMMBkFudGFyYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNVw
        /OyEcapNkftQDGj+fVEQa+1aOh9b6a86Wj+SR4Qt+YCmCRm7KWDif9KFzOHhkUuV
        mWWLjCbig/6dI71ot/CjYzBhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD
        AgEGMB0GA1UdDgQWBBROUQtdMYWOZxnvoZgL7J4Uowb2YzAfBgNVHSMEGDAWgBS2
        byX56oLGMT6JjbQd1RoxnRc97zAKBggqhkjOPQQDAgNJADBGAiEAlTeTfZhNNb7l
        FOUEcgEqjJ3pRddpWWd6PgUpl9v3wqkCIQDiwlZwBRKm2DlbMBNTgttNnpNeo31g
        oGW2pqlvN5y8tg==
        -----END CERTIFICATE-----
        """

    static let leaf = """
        -----BEGIN CERTIFICATE-----
        MIIBxzCCAW2gAwIBAgIUfbTddhAtqw0tvw9I5ES4kMWri8UwCgYIKoZIzj0EAwIw
        KTEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjEPMA0GA1UEAwwGQW50YXJhMB4XDTI2
        MDEwMTAwMDAwMFoXDTM2MDEwMTAwMDAwMFowJzEWMBQGA1UECgwNQ09OVE9IIEZJ
        S1RJRjENMAsGA1UEAwwERGF1bjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOMP
        UeRZC6rW1SlMCKuaFaIEv3AbgABcdZnS1axGtSDmFNT7TjIWoNCbEtAP8eS1yp/x
        cUAxcH55B799hPdltu+jdTBzMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeA
        MB0GA1UdDgQWBBS8JkthDHlh7ao4Pm1av9910WoetjAfBgNVHSMEGDAWgBROUQtd
        MYWOZxnvoZgL7J4Uowb2YzATBgNVHSUEDDAKBggrBgEFBQcDAjAKBggqhkjOPQQD
        AgNIADBFAiEA88RjF9vR5pbs8pMPnU6Wc2Qe1VAAMnw3OVRi4lAf3qUCIEwVpYQ1
        Jb8CqHDu+72Uw4gh4XgjVz+TtlWZ8QGIC/7I
        -----END CERTIFICATE-----
        """

    static let issuedByLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIBsDCCAVegAwIBAgIUQOxDSPXJN/IADTYsYPrjBGON4CAwCgYIKoZIzj0EAwIw
        JzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjENMAsGA1UEAwwERGF1bjAeFw0yNjAx
        MDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMCgxFjAUBgNVBAoMDUNPTlRPSCBGSUtU
        SUYxDjAMBgNVBAMMBVBhbHN1MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWCea
        NJxdyUhUpVYvrN33vAJWt2omXbBxMsD0btouMWsSA1IhjqkYh1hPi+Ab1+wkSNoO
        Go1RRnlVDT4kGnm+DaNgMF4wDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4Aw
        HQYDVR0OBBYEFJYriw5U1UrStc4VnNClQGF6dmY4MB8GA1UdIwQYMBaAFLwmS2EM
        eWHtqjg+bVq/33XRah62MAoGCCqGSM49BAMCA0cAMEQCIG/vaAlXKCSY+z+h8cZy
        FupGZLtSXzjzZ+zH01or0lMGAiAVsfHf/b7nRQdNyzi3jvSceyZB7yy5kQnBZN+I
        XKyj1A==
        -----END CERTIFICATE-----
        """

    static let bareRoot = """
        -----BEGIN CERTIFICATE-----
        MIIBazCCARKgAwIBAgIULEKyDbD8r/64nJZCt49KOjiCUpUwCgYIKoZIzj0EAwIw
        LTEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjETMBEGA1UEAwwKQWthciBwb2xvczAe
        Fw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMC0xFjAUBgNVBAoMDUNPTlRP
        SCBGSUtUSUYxEzARBgNVBAMMCkFrYXIgcG9sb3MwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAS39atruluPYYivmSKoi4P86wWTd2Mb9fGhFT3v8WEJPh2H9CeNVT3D
        4NiT8zBj8Ff6LOl+chL7QEh0oIUxEbJKoxAwDjAMBgNVHRMEBTADAQH/MAoGCCqG
        SM49BAMCA0cAMEQCIBw3abmbTyhzZs2XgYeSZp4QqWS5GJWmuKVWqbzDDoFjAiBf
        QNFzsmgESbc0+trMbTPDVVAQ2u56RT4vFuM1CoZt6g==
        -----END CERTIFICATE-----
        """

    static let bareLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIBWzCCAQCgAwIBAgIUDQBN+G9/73KMwOCZ8PmPC/kH1dswCgYIKoZIzj0EAwIw
        LTEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjETMBEGA1UEAwwKQWthciBwb2xvczAe
        Fw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMC0xFjAUBgNVBAoMDUNPTlRP
        SCBGSUtUSUYxEzARBgNVBAMMCkRhdW4gcG9sb3MwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASt3Jy32S5VZ/hl6rrlc0CcCI/cL24afj4nkEOmm1TaufG7dUtfCwhP
        8l/wMRvA0ZjYvy0wpNl3M38v9Pme9vpgMAoGCCqGSM49BAMCA0kAMEYCIQD+21dm
        SQfhrUSDuiUruOdGtuAmI3rnkX9o30CC0gK5iAIhANt/KujUxGIAI63+zIGy9rXV
        Ya0C0qdQnPGSEUzHQJh9
        -----END CERTIFICATE-----
        """

    static let weakLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIB+TCCAZ6gAwIBAgIUE9BXevKxF5aBnYTy1Ff1VfmMzUAwCgYIKoZIzj0EAwIw
        JzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjENMAsGA1UEAwwEQWthcjAeFw0yNjAx
        MDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMCgxFjAUBgNVBAoMDUNPTlRPSCBGSUtU
        SUYxDjAMBgNVBAMMBUxlbWFoMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDY
        vUS3msS9wCd6RX+7Ct52sGcIAas5x/FQk95AdDMNjxNu2OEGqsMjKhF/qi8cXalY
        EGQq2rJyGcale9qJ6jLHoz9nKfM4RrnEiO731RIKrbSE0Ty+Sg3RDZkaLEIUtotw
        FQXyQVx6H3tZR3bu3aZTzp8F2oijzrxJ+oPDvsM7DQIDAQABo2AwXjAMBgNVHRMB
        Af8EAjAAMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQUGSMPZwXq3eQvsgNQ/VjJ
        WUgxW1wwHwYDVR0jBBgwFoAUtm8l+eqCxjE+iY20HdUaMZ0XPe8wCgYIKoZIzj0E
        AwIDSQAwRgIhAIc6SIXvdggZzEWUjbQjaq8DldFWzqTemPeajr4JAE/ZAiEA15Zo
        eSF47Nhey0N9kkhbSQuhWq08bAaW1Tm1PjJMRoU=
        -----END CERTIFICATE-----
        """

    static let p384Root = """
        -----BEGIN CERTIFICATE-----
        MIIB/DCCAYKgAwIBAgIUAssb9CukHlhekBxhsPAL8A8uzx4wCgYIKoZIzj0EAwMw
        LTEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjETMBEGA1UEAwwKQWthciBQLTM4NDAe
        Fw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMC0xFjAUBgNVBAoMDUNPTlRP
        SCBGSUtUSUYxEzARBgNVBAMMCkFrYXIgUC0zODQwdjAQBgcqhkjOPQIBBgUrgQQA
        IgNiAAT1YZNvW2QTRh+ZheieSYTm8h2g7GvR8h/0LCUmohBQL4Jfar4TiBRKxMC/
        RjRb/K3FIWLxBjPSJh21ubs+CKn0AgekTlc1D4e7pJ0yRJtif/OD2z+5DgJRlkSb
        DJz9cCujYzBhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1Ud
        DgQWBBTohRU7TsSYrTE5NUR8/Cc073WvRjAfBgNVHSMEGDAWgBTohRU7TsSYrTE5
        NUR8/Cc073WvRjAKBggqhkjOPQQDAwNoADBlAjA9vzUhVvzPSTv56FwvffF5MpMS
        GaIB5DXqm399OO8Y35DTBOqEwst+5HE3Nzjzv9QCMQC/RKZAVd0bU774PSCyTc9f
        uosS3bBRvG7SewZzK6EBldoD1Oza+07MRN+0whtEtl4=
        -----END CERTIFICATE-----
        """

    static let p384Leaf = """
        -----BEGIN CERTIFICATE-----
        MIIB2zCCAWKgAwIBAgIUHOla4A3tYztWQfGs1padAMUNcpswCgYIKoZIzj0EAwMw
        LTEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjETMBEGA1UEAwwKQWthciBQLTM4NDAe
        Fw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMC0xFjAUBgNVBAoMDUNPTlRP
        SCBGSUtUSUYxEzARBgNVBAMMCkRhdW4gUC0zODQwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATjD1HkWQuq1tUpTAirmhWiBL9wG4AAXHWZ0tWsRrUg5hTU+04yFqDQ
        mxLQD/Hktcqf8XFAMXB+eQe/fYT3Zbbvo2AwXjAMBgNVHRMBAf8EAjAAMA4GA1Ud
        DwEB/wQEAwIHgDAdBgNVHQ4EFgQUvCZLYQx5Ye2qOD5tWr/fddFqHrYwHwYDVR0j
        BBgwFoAU6IUVO07EmK0xOTVEfPwnNO91r0YwCgYIKoZIzj0EAwMDZwAwZAIwXIBQ
        OWwQOF6YiyYnBuw+JtE7QZe3Q8AeXjRYOAJxu6eBMA7pdy3Q3zjGUKTS/H+5AjAA
        0y3Mhx3M06xggPWJjnKGJ0zW3mSmdv5yGwSon7BSharz7HZAinm0vlItUQD9A98=
        -----END CERTIFICATE-----
        """

    static let nulName = """
        -----BEGIN CERTIFICATE-----
        MIIB+zCCAaGgAwIBAgIUDRRpw/K5ax6nC75h+jGt7pDJEmkwCgYIKoZIzj0EAwIw
        JzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjENMAsGA1UEAwwEQWthcjAeFw0yNjAx
        MDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMCYxFjAUBgNVBAoMDUNPTlRPSCBGSUtU
        SUYxDDAKBgNVBAMMA05VTDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOMPUeRZ
        C6rW1SlMCKuaFaIEv3AbgABcdZnS1axGtSDmFNT7TjIWoNCbEtAP8eS1yp/xcUAx
        cH55B799hPdltu+jgaswgagwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4Aw
        HQYDVR0OBBYEFLwmS2EMeWHtqjg+bVq/33XRah62MB8GA1UdIwQYMBaAFLZvJfnq
        gsYxPomNtB3VGjGdFz3vMEgGA1UdEQRBMD+CG2JhaWsuZXhhbXBsZQAuamFoYXQu
        ZXhhbXBsZYIMYmFpay5leGFtcGxlhgx1cm46Y29udG9oOmGHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIgM/ZDC0yjW8o7CvjCXFCqOKxZhBNFCPeklARWOdRxwqYCIQCs
        PmpiWTyISpcUDC+de6ShgtoLI/5aMDw44NOUg6TaIQ==
        -----END CERTIFICATE-----
        """

    static let unknownCritical = """
        -----BEGIN CERTIFICATE-----
        MIIBUzCB+6ADAgECAgFNMAoGCCqGSM49BAMCMCcxFjAUBgNVBAoMDUNPTlRPSCBG
        SUtUSUYxDTALBgNVBAMMBEFrYXIwHhcNMjYwMTAxMDAwMDAwWhcNMzYwMTAxMDAw
        MDAwWjApMRYwFAYDVQQKDA1DT05UT0ggRklLVElGMQ8wDQYDVQQDDAZLcml0aXMw
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATjD1HkWQuq1tUpTAirmhWiBL9wG4AA
        XHWZ0tWsRrUg5hTU+04yFqDQmxLQD/Hktcqf8XFAMXB+eQe/fYT3ZbbvoxYwFDAS
        BgkrBgEEAYaNHwEBAf8EAgUAMAoGCCqGSM49BAMCA0cAMEQCIDQh4MIeqNjo4rQb
        wTyl17uerObD0X5rB5EqFTn/QF9fAiAhQxbFnNWdFS/bEn4QoN5fbxE0E8oMmA6M
        nx+o5JEmCw==
        -----END CERTIFICATE-----
        """

    static let forgedList = """
        -----BEGIN X509 CRL-----
        MIHSMHsCAQEwCgYIKoZIzj0EAwIwJzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjEN
        MAsGA1UEAwwEQWthchcNMjYwMTAxMDAwMDAwWhcNMzYwMTAxMDAwMDAwWqAjMCEw
        HwYDVR0jBBgwFoAUtm8l+eqCxjE+iY20HdUaMZ0XPe8wCgYIKoZIzj0EAwIDRwAw
        RAIgGWaqUxQ/og+QipNnq0xdV9WFGftkqBzfCr98Ol8GMWoCICgm4twZOYyELhGd
        P1p5uH333pQBL0Kl6T4rldWNzCbF
        -----END X509 CRL-----
        """

    static let scopedList = """
        -----BEGIN X509 CRL-----
        MIHlMIGMAgEBMAoGCCqGSM49BAMCMCcxFjAUBgNVBAoMDUNPTlRPSCBGSUtUSUYx
        DTALBgNVBAMMBEFrYXIXDTI2MDEwMTAwMDAwMFoXDTM2MDEwMTAwMDAwMFqgNDAy
        MB8GA1UdIwQYMBaAFLZvJfnqgsYxPomNtB3VGjGdFz3vMA8GA1UdHAEB/wQFMAOC
        Af8wCgYIKoZIzj0EAwIDSAAwRQIhAPBfAkr5OVOh+R2Q5/+He3gDiWVgIRZgl90U
        gLOSOtTbAiAAs09HEIZLAsJRNicAp/DCVfCKsKdU/gRQruMKvt7kMQ==
        -----END X509 CRL-----
        """

    static let rootList = """
        -----BEGIN X509 CRL-----
        MIHUMHsCAQEwCgYIKoZIzj0EAwIwJzEWMBQGA1UECgwNQ09OVE9IIEZJS1RJRjEN
        MAsGA1UEAwwEQWthchcNMjYwMTAxMDAwMDAwWhcNMzYwMTAxMDAwMDAwWqAjMCEw
        HwYDVR0jBBgwFoAUtm8l+eqCxjE+iY20HdUaMZ0XPe8wCgYIKoZIzj0EAwIDSQAw
        RgIhAJ5wMDIhNgJ7pY0R6jD029WY7ScIXWEFHKyQUWoDxM/KAiEAyo7MAWwmdTsw
        jE4erzTwgsR8yISVTAtip18sF9VPTwY=
        -----END X509 CRL-----
        """

    static let weakKey = """
        -----BEGIN PRIVATE KEY-----
        MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBANi9RLeaxL3AJ3pF
        f7sK3nawZwgBqznH8VCT3kB0Mw2PE27Y4QaqwyMqEX+qLxxdqVgQZCrasnIZxqV7
        2onqMsejP2cp8zhGucSI7vfVEgqttITRPL5KDdENmRosQhS2i3AVBfJBXHofe1lH
        du7dplPOnwXaiKPOvEn6g8O+wzsNAgMBAAECgYBwAX+dkrHRjZfZLElSE8/bblYQ
        YSxnc9hVV9UnYeVwQFw+kH3ZwC2P4pGgdAZcllqJVA8vxk0pggCSTGsnkowig4dz
        gk61GY8dQLa/AatVtUWq2B+idjKjNbVp8zAgJq5wy+Im7MhDIwAWnM9WbHZIiq/4
        ypeYsW+rjPVy+xiTUQJBAPflfhcXlE5wXnX6nnUcwK/u/3n/qN5wH1aifOSsKkGX
        z4AyuPZSQ1WX4VfM1A2uTL5mH3L5hf+BfVmFntmSrcMCQQDf0woL+lVjE0G7mwG4
        aH08Lm9/XzrOqFtFJ2qSKOSw411hrOUQ/qoziR0xrtuAcgSynFjTIeH3cIT/UYhl
        BtbvAkAeD1MR48cVF+Uscz6BvwHSk62hEpJcnsX+EGgKpqHdIFaGGiB5phIKMAeg
        SPMx0X/22pVXsNBB4mbb0ysnAPVXAkAIk15sLRA+dotrM7oyJZa+yoytFan8Jwkw
        Mh1sMjLo8B0w094G86rzxIog0DFKz5OMgF8K3953i5Ec8zPFoyhzAkBwwAcrMdpI
        R2s3A+W+LtmaMv51URI+fScZ7kQUZSaqHnWHHJ7JaIixI1B4P33xTIo0s1MWlU8V
        wBfLhuS8v1pd
        -----END PRIVATE KEY-----
        """

    static let p384Key = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAKgeA8mGvHlZ4dJmEr
        sVuOAWP2yzPew+N8me/SjlZXo9Qh5pSy3t7R/GgkDgjw9TahZANiAAT1YZNvW2QT
        Rh+ZheieSYTm8h2g7GvR8h/0LCUmohBQL4Jfar4TiBRKxMC/RjRb/K3FIWLxBjPS
        Jh21ubs+CKn0AgekTlc1D4e7pJ0yRJtif/OD2z+5DgJRlkSbDJz9cCs=
        -----END PRIVATE KEY-----
        """

    static let leafKeySEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIO85zNqEYFDLNuUauB/7be2t67syt/OCdb2IWrGxq6CyoAoGCCqGSM49
        AwEHoUQDQgAE4w9R5FkLqtbVKUwIq5oVogS/cBuAAFx1mdLVrEa1IOYU1PtOMhag
        0JsS0A/x5LXKn/FxQDFwfnkHv32E92W27w==
        -----END EC PRIVATE KEY-----
        """

    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBBoyoiyS4N+sN052HeA
        D2fGAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQgfOkJwWMpr8oJH4b
        6QqVoQSBkA2SJ3qzbh+rJHaWgYJ7djMSRwSPPKnCJ5c+kQ9TfscQ6/CwQ8tlDz7Z
        MbGo0fXZVX521N+KTpnBsoS7ikfNBjyLNUtos288TPmYDLr3X32oZ1/IlcAx7eF+
        Ifqb6iON49SW4HMh2XRJY6lOypLFGNsiKDJMIWKvY5u0hy5Bq2FZmp7asgmspt02
        ptLen3273A==
        -----END ENCRYPTED PRIVATE KEY-----
        """

    static let foreignFlattened = """
        {
         "protected": "eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiRUNESC1FUytBMjU2S1ciLCJraWQiOiJkYXVuIn0",
         "iv": "XqYt9SCW1NNh7yG7",
         "ciphertext": "5XxOogdoxyLEUPdwaQ",
         "tag": "7ILzkVODzLlUsNwUxYbhUA",
         "header": {
          "epk": {
           "crv": "P-256",
           "x": "CyKyxDBUQvrIVS4e-G1_En3HObrWR_StsxYjZz2Sl4o",
           "y": "DHxVzeJ3O621M4qnXGiva0MePei_Bnq-eQ49Ho-VIoA",
           "kty": "EC"
          }
         },
         "encrypted_key": "OXPAhetdH35M57JyY5t6Zr6V22FbbNY4eW_6WGrEA0eGyJ68Vv5IPA"
        }
        """

    static let foreignGeneral = """
        {
         "protected": "eyJlbmMiOiJBMjU2R0NNIn0",
         "iv": "yamjeknXNOuQkxpi",
         "ciphertext": "7B45Iqmo3ilvm5oOrw",
         "tag": "XgGjJjMY9bypTUQxh2VIZg",
         "recipients": [
          {
           "header": {
            "alg": "ECDH-ES+A256KW",
            "kid": "daun",
            "epk": {
             "crv": "P-256",
             "x": "RztzYLxwv_5AnDSBYhzKyeJXrRbFE5hI-fDYgFi5cUs",
             "y": "oNn9hRZaOdt9loBGxurLV4KbATMpi562M2iHRXycVgw",
             "kty": "EC"
            }
           },
           "encrypted_key": "1eB9-ymxLfFHK4NxxeJ4FZx8MdM7sUG8ftbULY16-O0qJTOO5-5img"
          }
         ]
        }
        """

    /// Sealed by Python's jwcrypto to `leaf`'s key in compact serialization, with `apu`, `apv` and `typ`, without `kid`.
    static let foreignCompact = [
        "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlpIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJj",
        "cnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6Im9mSGh1U1ZsbU4xeXVFRnpoT1prMEl6TUhNN09raThONlY1Slk4c3poVDgiLCJ5Ijoi",
        "dG1OTm4wTHRnR2tXYVdLeUtaY0JtTTZRMFNxNkRLdUxvV2NKU3I5dnIwQSJ9LCJ0eXAiOiJjb250b2gifQ.osW5UPSIuppspdknt3W29",
        "Ta15DuXFXrrDsUByJ3L8McT08ZrqhQUNg.8h5VtVMDDzcM43It.0hSgxzjkpjlVlOxeNA.M-w2HYojkMoAj-DJ2XmLTw",
    ].joined()

    /// A private key on secp256k1.
    static let secp256k1Key = """
        -----BEGIN PRIVATE KEY-----
        MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgdESPxruONEF9aUn/Cmwr
        /rT+bhVAbord77NT36omCVOhRANCAASuvlvcUbJKOa35NqbfEYrxHxmmIjqya+n/
        i3TwY6s8U4yOtsajqjl+OdCzWzXHWYoj78LXjX9FAYkK6LNSLrHN
        -----END PRIVATE KEY-----
        """

    /// Made by OpenSSL's command line: public keys that allow nothing here.
    static let unusableKeys = [
        "secp256k1": """
        -----BEGIN PUBLIC KEY-----
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAErr5b3FGySjmt+Tam3xGK8R8ZpiI6smvp
        /4t08GOrPFOMjrbGo6o5fjnQs1s1x1mKI+/C141/RQGJCuizUi6xzQ==
        -----END PUBLIC KEY-----
        """,
        "P-256 with explicit parameters": """
        -----BEGIN PUBLIC KEY-----
        MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
        AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
        ///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
        NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
        RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
        //////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABAtigzQ170+afvC/PSVEfVMb
        Y+FeY8uPf7XqJbISO/Lx8sByuE813SkgAf2pLkM4tTN8y78NIuGgkrq8aW1Tn7M=
        -----END PUBLIC KEY-----
        """,
        "RSA with the public exponent 2^32 + 1": """
        -----BEGIN PUBLIC KEY-----
        MIIBJDANBgkqhkiG9w0BAQEFAAOCAREAMIIBDAKCAQEAv8T79b2cUCMB0esHofaT
        veXomEZob9f3w/D0B5AeGbbtoVErCOgwbCwTdLtfhOlK/udNI7B8iOKN+hOLILau
        tV5oUkMDBJRaTNKWUpMSGLWv0LTsIIAr+stySTQYGsyCgt3iBWzu9IHGqmBrrzhZ
        tKg8y2TUmwZnvzoMkB+LlNUh8gVYHp4/6+tznsVPpRXWcCRSLqrvvGqw0HNHG238
        tOWsCnIhTnld34qWVaChSXh+nQurOePWnDMX7A1QxvULKyf74nH/gSQm+gBRGUHu
        Dm4ej3b4SxhZAiQ5CByNqUTSWIGN8dgB8KS3T8pixyyekSEviRGbHa8j2WKSYekp
        JQIFAQAAAAE=
        -----END PUBLIC KEY-----
        """,
        "RSASSA-PSS": """
        -----BEGIN PUBLIC KEY-----
        MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAObaAee36l+sjqwusX3gzdFA
        wzlZekRplFlSbyDurpd9uAgD7kW/gU92k5nAjVy9/QKvlbdyS7UEV9NTp3JgTRMH
        STx8rB2gaFS8FhfRXQAK6JuUjHPZ3dHxgTJ5HE5TBElEYsJHaPqdSXO3zHgWrtSh
        gds55UYZ4jncTZy5peJaopm9o9lY+jsn0uWPNEVDMTquwh2A7uMAx/bfSz9jPGq/
        aVb+HucN0XgrC0Xo6uwFrOnsHgW03L6Ue0mukEaX3pYMiKDkpcIaTJ+pT//EL9zY
        Xhk2VYMlFiXfKfpC9FbPQdvVh/ys9EUA8zXdrnB1SgQw5bqi5IJ8rUdgFqOefBMC
        AwEAAQ==
        -----END PUBLIC KEY-----
        """,
    ]
}
