import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.DataFormatException;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Sealed bodies: ECDH-ES+A256KW and A256GCM. */
final class Seal {
    record Sealed(Map<String, Object> body, String digest) {}

    private static final String ALGORITHM = "ECDH-ES+A256KW";

    /** Concat KDF with the algorithm's name, empty party infos and 256 bits (RFC 7518 §4.6.2): one SHA-256. */
    private static SecretKeySpec wrappingKey(PrivateKey key, PublicKey other) throws GeneralSecurityException {
        var agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(other, true);
        var name = ALGORITHM.getBytes(US_ASCII);
        var input = ByteBuffer.allocate(4 + 32 + 4 + name.length + 12);
        input.putInt(1).put(agreement.generateSecret());
        input.putInt(name.length).put(name).putInt(0).putInt(0).putInt(256);
        return new SecretKeySpec(Jose.sha256(input.array()), "AES");
    }

    private static byte[] gcm(int mode, byte[] key, byte[] iv, String protectedHeader, byte[] octets)
            throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
        cipher.updateAAD(protectedHeader.getBytes(US_ASCII));
        return cipher.doFinal(octets);
    }

    /** A JWE for those certificates, and the digest for `bodyDigest`. */
    static Sealed seal(Object body, Map<String, Object> header, Collection<X509Certificate> certificates)
            throws GeneralSecurityException {
        var inner = Map.of(
            "id", header.get("id"), "sender", header.get("sender"), "salt", Jose.b64(random(16)), "body", body);
        var plain = Jose.deflate(Json.write(inner).getBytes(UTF_8));
        int size = 512;
        while (size < plain.length) size *= 2;
        plain = Arrays.copyOf(plain, size);
        var key = random(32);
        var iv = random(12);
        var recipients = new ArrayList<>();
        for (var certificate : certificates) recipients.add(recipient(key, certificate));
        var protectedHeader = Jose.b64("{\"enc\":\"A256GCM\"}".getBytes(US_ASCII));
        var secret = gcm(Cipher.ENCRYPT_MODE, key, iv, protectedHeader, plain);
        return new Sealed(Map.of(
            "protected", protectedHeader, "recipients", recipients, "iv", Jose.b64(iv),
            "ciphertext", Jose.b64(Arrays.copyOf(secret, size)),
            "tag", Jose.b64(Arrays.copyOfRange(secret, size, size + 16))), Jose.digest(plain));
    }

    private static Object recipient(byte[] key, X509Certificate certificate) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var ephemeral = generator.generateKeyPair();
        var point = ((ECPublicKey) ephemeral.getPublic()).getW();
        var cipher = Cipher.getInstance("AESWrap");
        cipher.init(Cipher.WRAP_MODE, wrappingKey(ephemeral.getPrivate(), certificate.getPublicKey()));
        var epk = Map.of("kty", "EC", "crv", "P-256", "x", fixed(point.getAffineX()), "y", fixed(point.getAffineY()));
        return Map.of(
            "header", Map.of("alg", ALGORITHM, "kid", Jose.thumbprint(certificate), "epk", epk),
            "encrypted_key", Jose.b64(cipher.wrap(new SecretKeySpec(key, "AES"))));
    }

    /** The body, if it was sealed for us and for this very message. */
    static Object open(Map<String, Object> sealed, Map<String, Object> header, PrivateKey key, X509Certificate own)
            throws GeneralSecurityException, DataFormatException {
        var protectedHeader = (String) sealed.get("protected");
        var shared = Json.object(new String(Jose.unb64(protectedHeader), UTF_8));
        Refused.unless("A256GCM".equals(shared.get("enc")), "another enc");
        var recipients = Json.list(sealed.getOrDefault("recipients", List.of(sealed)));
        for (var one : recipients) {
            var parameters = new HashMap<>(shared);
            parameters.putAll(Json.object(Json.object(one).getOrDefault("header", Map.of())));
            if (!Jose.thumbprint(own).equals(parameters.get("kid"))) continue;
            Refused.unless(ALGORITHM.equals(parameters.get("alg")), "another alg");
            var cipher = Cipher.getInstance("AESWrap");
            var epk = point(Json.object(parameters.get("epk")), (ECPublicKey) own.getPublicKey());
            cipher.init(Cipher.UNWRAP_MODE, wrappingKey(key, epk));
            var wrapped = Jose.unb64(Json.object(one).get("encrypted_key"));
            var content = cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded();
            var ciphertext = Jose.unb64(sealed.get("ciphertext"));
            var tag = Jose.unb64(sealed.get("tag"));
            var secret = Arrays.copyOf(ciphertext, ciphertext.length + tag.length);
            System.arraycopy(tag, 0, secret, ciphertext.length, tag.length);
            var plain = gcm(Cipher.DECRYPT_MODE, content, Jose.unb64(sealed.get("iv")), protectedHeader, secret);
            return bound(plain, header);
        }
        throw new Refused("not sealed for us");
    }

    private static Object bound(byte[] plain, Map<String, Object> header)
            throws GeneralSecurityException, DataFormatException {
        Refused.unless(Jose.digest(plain).equals(header.get("bodyDigest")), "not the body that the header names");
        var inflated = Jose.inflate(plain);
        for (byte padding : inflated.rest()) Refused.unless(padding == 0, "the padding is not zero");
        var inner = Json.object(new String(inflated.document(), UTF_8));
        Refused.unless(inner.keySet().equals(Set.of("id", "sender", "salt", "body")), "not a sealed document");
        boolean same = inner.get("id").equals(header.get("id")) && inner.get("sender").equals(header.get("sender"));
        Refused.unless(same, "sealed for another message");
        return inner.get("body");
    }

    /** A point as a key; the JDK refuses in `doPhase` what is not on the curve. */
    private static PublicKey point(Map<String, Object> epk, ECPublicKey like) throws GeneralSecurityException {
        var x = new BigInteger(1, Jose.unb64(epk.get("x")));
        var point = new ECPoint(x, new BigInteger(1, Jose.unb64(epk.get("y"))));
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, like.getParams()));
    }

    /** 32 octets, whatever the number's size. */
    private static String fixed(BigInteger number) {
        var octets = number.toByteArray();
        var fixed = new byte[32];
        int length = Math.min(32, octets.length);
        System.arraycopy(octets, octets.length - length, fixed, 32 - length, length);
        return Jose.b64(fixed);
    }

    private static byte[] random(int count) {
        var octets = new byte[count];
        new SecureRandom().nextBytes(octets);
        return octets;
    }
}
