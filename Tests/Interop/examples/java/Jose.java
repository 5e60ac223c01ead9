import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Tokens: what the protocol makes of JWS, with P-256 keys. Knows nothing of files and calls. */
final class Jose {
    record Verified(Map<String, Object> document, X509Certificate signer) {}

    record Inflated(byte[] document, byte[] rest) {}

    static String b64(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    static byte[] unb64(Object text) {
        return Base64.getUrlDecoder().decode((String) text);
    }

    static byte[] sha256(byte[] octets) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(octets);
    }

    static String digest(byte[] octets) throws GeneralSecurityException {
        return "sha-256:" + HexFormat.of().formatHex(sha256(octets));
    }

    /** Of what is signed; the signature is no part of it. */
    static String envelopeDigest(String token) throws GeneralSecurityException {
        return digest(token.substring(0, token.lastIndexOf('.')).getBytes(UTF_8));
    }

    static String thumbprint(X509Certificate certificate) throws GeneralSecurityException {
        return b64(sha256(certificate.getEncoded()));
    }

    static byte[] deflate(byte[] octets) {
        var raw = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        raw.setInput(octets);
        raw.finish();
        var out = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        while (!raw.finished()) out.write(buffer, 0, raw.deflate(buffer));
        raw.end();
        return out.toByteArray();
    }

    /** The document, and what stands behind the stream. */
    static Inflated inflate(byte[] octets) throws DataFormatException {
        var raw = new Inflater(true);
        raw.setInput(octets);
        var out = new byte[1 << 20];
        int length = raw.inflate(out);
        Refused.unless(raw.finished(), "no whole DEFLATE stream, or too large");
        var rest = Arrays.copyOfRange(octets, octets.length - raw.getRemaining(), octets.length);
        raw.end();
        return new Inflated(Arrays.copyOf(out, length), rest);
    }

    /** A compact JWS; an envelope is compressed, receipts are not. */
    static String sign(Object document, String typ, PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException {
        var header = new LinkedHashMap<String, Object>();
        header.put("alg", "ES256");
        header.put("x5t#S256", thumbprint(certificate));
        header.put("typ", typ);
        var payload = Json.write(document).getBytes(UTF_8);
        if (typ.equals("simpul+jws")) {
            header.put("zip", "DEF");
            payload = deflate(payload);
        }
        var signed = b64(Json.write(header).getBytes(UTF_8)) + "." + b64(payload);
        var signature = Signature.getInstance("SHA256withECDSAinP1363Format");  // r and s, not DER
        signature.initSign(key);
        signature.update(signed.getBytes(UTF_8));
        return signed + "." + b64(signature.sign());
    }

    /** What a token claims, to find out who should have signed it. */
    static Map<String, Object> unverified(String token) {
        return Json.object(new String(unb64(token.split("\\.")[1]), UTF_8));
    }

    /** The document and its signer. `trusted` maps thumbprints to the certificates that may sign it. */
    static Verified verify(String token, String typ, Map<String, X509Certificate> trusted)
            throws GeneralSecurityException, DataFormatException {
        var parts = token.split("\\.", -1);
        Refused.unless(parts.length == 3, "not a compact JWS");
        var header = Json.object(new String(unb64(parts[0]), UTF_8));
        boolean zipped = typ.equals("simpul+jws") && "DEF".equals(header.get("zip"));
        var expected = zipped ? Set.of("alg", "x5t#S256", "typ", "zip") : Set.of("alg", "x5t#S256", "typ");
        Refused.unless(header.keySet().equals(expected), "parameters of the protected header");
        Refused.unless(typ.equals(header.get("typ")) && "ES256".equals(header.get("alg")), "another typ or alg");
        var certificate = trusted.get(header.get("x5t#S256"));
        Refused.unless(certificate != null, "the signer is not trusted");
        var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(certificate.getPublicKey());
        signature.update((parts[0] + "." + parts[1]).getBytes(UTF_8));
        Refused.unless(signature.verify(unb64(parts[2])), "the signature does not verify");
        var payload = unb64(parts[1]);
        if (zipped) {
            var inflated = inflate(payload);
            Refused.unless(inflated.rest().length == 0, "something stands behind the payload");
            payload = inflated.document();
        }
        return new Verified(Json.object(new String(payload, UTF_8)), certificate);
    }
}
