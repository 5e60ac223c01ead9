import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.DataFormatException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One agency at one broker: its folder, whom it believes, and its calls. */
final class Agency {
    private static final int TRIES = 8;
    final Path folder;
    final String id, hub;
    final PrivateKey signKey, sealKey;
    final X509Certificate signCertificate, sealCertificate;
    private final String url;
    private final HttpClient http;
    private final Map<String, List<Object>> directory = new HashMap<>();

    Agency(Path folder, String url) throws Exception {
        this.folder = folder;
        this.url = url;
        http = HttpClient.newBuilder().sslContext(tls()).proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(Duration.ofSeconds(10)).build();
        signKey = key("sign");
        signCertificate = certificates(Files.readAllBytes(folder.resolve("sign.pem"))).get(0);
        sealKey = key("seal");
        sealCertificate = certificates(Files.readAllBytes(folder.resolve("seal.pem"))).get(0);
        id = (String) get("/v1/whoami").get("agency");
        hub = (String) Json.object(get("/v1/directory").get("broker")).get("id");  // its certificate is in known/
    }

    /** A PEM key and its certificate, shown on every connection; only the authority in ca.pem is trusted. */
    private SSLContext tls() throws Exception {
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        var chain = certificates(Files.readAllBytes(folder.resolve("tls.pem"))).toArray(Certificate[]::new);
        own.setKeyEntry("tls", key("tls"), new char[0], chain);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        var anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", certificates(Files.readAllBytes(folder.resolve("ca.pem"))).get(0));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private PrivateKey key(String use) throws Exception {
        var pem = Files.readString(folder.resolve(use + ".key")).replaceAll("-----.*?-----", "");
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem));
        return KeyFactory.getInstance("EC").generatePrivate(spec);
    }

    private static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        var found = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
        return found.stream().map(X509Certificate.class::cast).toList();
    }

    /** What came by hand. The id comes from outside, and becomes a file's name. */
    private Map<String, X509Certificate> known(String agency) throws GeneralSecurityException, IOException {
        Refused.unless(agency.matches("id-[0-9]{2,4}(\\.[a-z0-9-]{1,32}){1,4}"), "no agency id");
        var path = folder.resolve("known").resolve(agency + ".pem");
        var found = new LinkedHashMap<String, X509Certificate>();
        if (!Files.exists(path)) return found;
        for (var one : certificates(Files.readAllBytes(path))) found.put(Jose.thumbprint(one), one);
        return found;
    }

    /** Known `sign` certificates, and what one of them has endorsed for that use. Never the broker's word alone. */
    Map<String, X509Certificate> trusted(String agency, String use)
            throws GeneralSecurityException, IOException, DataFormatException {
        var known = known(agency);
        var found = new LinkedHashMap<String, X509Certificate>(use.equals("sign") ? known : Map.of());
        if (agency.equals(hub)) return found;
        if (!directory.containsKey(agency)) {
            directory.put(agency, Json.list(get("/v1/directory/" + agency).get("certificates")));
        }
        for (var entry : directory.get(agency)) {
            var one = Json.object(entry);
            if (!use.equals(one.get("use")) || !one.containsKey("endorsement")) continue;
            var claim = Jose.verify((String) one.get("endorsement"), "simpul-key+jws", known).document();
            var certificate = certificates(((String) one.get("pem")).getBytes(UTF_8)).get(0);
            var thumb = Jose.thumbprint(certificate);
            var said = List.of(claim.get("agency"), claim.get("use"), claim.get("x5t#S256"));
            boolean begun = !moment(claim.get("from")).isAfter(Instant.now());
            boolean over = !moment(claim.get("until")).isAfter(Instant.now());
            if (said.equals(List.of(agency, use, thumb)) && begun && !over) found.put(thumb, certificate);
        }
        return found;
    }

    /** A receipt about that message. Its rung says who must have signed it: nobody opens for another. */
    Map<String, Object> receipt(String token, String sender, String message, String digest)
            throws GeneralSecurityException, IOException, DataFormatException {
        var claim = Jose.unverified(token);
        var by = switch ((String) claim.get("rung")) {
            case "opened" -> List.of((String) claim.get("agency"));
            case "acknowledged" -> List.of(hub, (String) claim.get("agency"));
            default -> List.of(hub);
        };
        var trusted = new HashMap<String, X509Certificate>();
        for (var agency : by) trusted.putAll(trusted(agency, "sign"));
        var verified = Jose.verify(token, "simpul-receipt+jws", trusted);
        var receipt = verified.document();
        boolean same = hub.equals(receipt.get("broker")) && sender.equals(receipt.get("sender"))
            && message.equals(receipt.get("id")) && digest.equals(receipt.get("digest"));
        Refused.unless(same, "a receipt about something else");
        Refused.unless(inDate(verified.signer(), receipt.get("at")), "the receipt's signer was not in date");
        return receipt;
    }

    static Instant moment(Object text) {
        return OffsetDateTime.parse((String) text).toInstant();
    }

    static boolean inDate(X509Certificate certificate, Object at) {
        var date = Date.from(moment(at));
        return !date.before(certificate.getNotBefore()) && !date.after(certificate.getNotAfter());
    }

    /** The document; null where there is none (204). */
    Map<String, Object> get(String path) throws IOException {
        var answer = call("GET", path, "", "");
        Refused.unless(answer.statusCode() < 300, "GET " + path + ": " + answer.statusCode() + " " + answer.body());
        return answer.body().isEmpty() ? null : Json.object(answer.body());
    }

    /** The answer, whatever it is. What may pass later is tried again with the same octets. */
    HttpResponse<String> call(String method, String path, String body, String type) throws IOException {
        var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(75))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) request.header("Content-Type", type);
        try {
            for (int attempt = 0; attempt < TRIES; attempt++) {
                double pause = ThreadLocalRandom.current().nextDouble() * Math.min(60, 1 << attempt);
                try {
                    var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() != 429 && answer.statusCode() < 500) return answer;
                    pause += answer.headers().firstValueAsLong("Retry-After").orElse(0);
                } catch (IOException error) {
                    System.err.println("no answer: " + error);
                }
                Thread.sleep((long) (1000 * pause));
            }
        } catch (InterruptedException error) {
            throw new IOException(error);
        }
        throw new Refused("the broker cannot be reached; what is stored goes out with the next send");
    }
}
