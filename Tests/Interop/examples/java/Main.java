import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** java Main FOLDER URL compose FILE | send [FILE] | receive | outbox */
final class Main {
    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    /** What a recipient is told of. */
    private static final Set<String> TOLD = Set.of("recalled", "overdue", "escalated", "expired", "bounced");
    private final Agency agency;

    private Main(Agency agency) {
        this.agency = agency;
    }

    public static void main(String[] arguments) throws Exception {
        try {
            var main = new Main(new Agency(Path.of(arguments[0]), arguments[1]));
            var file = arguments.length > 3 ? Path.of(arguments[3]) : null;
            switch (arguments[2]) {
                case "compose" -> System.out.println(main.compose(file));
                case "send" -> main.send(file);
                case "receive" -> main.receive();
                case "outbox" -> main.outbox();
                default -> throw new Refused("no such command");
            }
        } catch (Refused error) {
            System.err.println("not done: " + error.getMessage());
            System.exit(1);
        }
    }

    private static String uuid7() {
        var random = new SecureRandom();
        var text = String.format("%012x7%03x%016x", System.currentTimeMillis(), random.nextInt(1 << 12),
            random.nextLong() >>> 2 | Long.MIN_VALUE);
        return text.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
    }

    private static String timeText(Duration later) {
        return Instant.now().plus(later).truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** Makes the envelope once and stores it; a document whose id is stored already is not made again. */
    private Path compose(Path file) throws Exception {
        var document = Json.object(Files.readString(file));
        var given = Json.object(document.get("header"));
        var header = new LinkedHashMap<String, Object>(Map.of(
            "id", uuid7(), "schema", given.get("type") + "/1.0", "hub", agency.hub, "sender", agency.id,
            "sent", timeText(Duration.ZERO), "expires", timeText(Duration.ofDays(1))));
        header.putAll(given);
        var id = (String) header.get("id");
        Refused.unless(id.matches(UUID), "no message id");
        var path = agency.folder.resolve("store/out/" + id + ".jose");
        if (Files.exists(path)) return path;
        var body = document.get("body");
        // A consent names nobody and is for the broker to read, also where it is a child's.
        boolean aboutChild = List.of("yes", "presumed").contains(header.getOrDefault("child", ""))
            && !"consent".equals(header.get("type"));
        boolean sensitive = List.of("P3", "P4").contains(header.getOrDefault("privacy", "")) || aboutChild;
        if (sensitive) {
            var sealed = Seal.seal(body, header, certificates(header));
            body = sealed.body();
            header.put("bodyDigest", sealed.digest());
        }
        var whole = Map.of("header", header, "body", body);
        Store.write(path, Jose.sign(whole, "simpul+jws", agency.signKey, agency.signCertificate));
        return path;
    }

    private List<X509Certificate> certificates(Map<String, Object> header) throws Exception {
        var certificates = new ArrayList<X509Certificate>();
        for (var party : parties(header)) {
            var found = agency.trusted((String) party, "seal").values();
            Refused.unless(!found.isEmpty(), party + " has no seal certificate that can be believed");
            certificates.addAll(found);
        }
        return certificates;
    }

    private static List<Object> parties(Map<String, Object> header) {
        return Stream.of("recipients", "fallback").flatMap(name -> Json.list(header.get(name)).stream()).toList();
    }

    /** Sends the stored octets, and stores the broker's signed word for what became of them. */
    private void submit(Path path) throws Exception {
        var envelope = Files.readString(path);
        var answer = agency.call("POST", "/v1/messages", envelope, "application/jose");
        var id = path.getFileName().toString().replace(".jose", "");
        var digest = Jose.envelopeDigest(envelope);
        if (Set.of(200, 201).contains(answer.statusCode())) {
            var receipt = agency.receipt(answer.body(), agency.id, id, digest);
            Refused.unless("accepted".equals(receipt.get("rung")), "no acceptance");
            Store.write(path.resolveSibling(id + ".receipt"), answer.body());
            System.out.println("accepted " + id + " at " + receipt.get("at"));
            return;
        }
        var problem = Json.object(answer.body());
        System.err.println(problem.get("code") + ": " + problem.get("detail"));
        for (var fault : Json.list(problem.get("errors"))) {
            System.err.println("  " + Json.object(fault).get("pointer") + ": " + Json.object(fault).get("detail"));
        }
        if (problem.containsKey("receipt")) {  // signed: refused. Otherwise the octets stay for the next send.
            var receipt = agency.receipt((String) problem.get("receipt"), agency.id, id, digest);
            Refused.unless("refused".equals(receipt.get("rung")), "no refusal");
            Store.write(path.resolveSibling(id + ".refused"), answer.body());
        }
        System.exit(1);
    }

    private void send(Path file) throws Exception {
        var composed = file == null ? null : compose(file);
        if (composed != null) submit(composed);
        var out = Files.createDirectories(agency.folder.resolve("store/out"));
        try (var stored = Files.list(out)) {
            for (var path : stored.filter(one -> one.toString().endsWith(".jose")).sorted().toList()) {
                if (!path.equals(composed) && !decided(path)) submit(path);
            }
        }
    }

    private static boolean decided(Path path) {
        var id = path.getFileName().toString().replace(".jose", "");
        return Stream.of(".receipt", ".refused").anyMatch(end -> Files.exists(path.resolveSibling(id + end)));
    }

    /** All that waits. What cannot be believed is handed to nobody, and given back for a while. */
    private void receive() throws Exception {
        boolean failed = false;
        for (Map<String, Object> answer; (answer = agency.get("/v1/inbox?max=10")) != null;) {
            for (var entry : Json.list(answer.get("deliveries"))) {
                var one = Json.object(entry);
                var call = "/v1/deliveries/" + one.get("delivery");
                String receipt;
                try {
                    receipt = one.containsKey("envelope") ? handle(one) : note(one);
                } catch (Exception error) {
                    failed = true;
                    System.err.println("not believed: " + error);
                    var back = Json.write(Map.of("reason", "not-believed", "retryAfter", 600));
                    agency.call("POST", call + "/nack", back, "application/json");
                    continue;
                }
                agency.call("POST", call + "/ack", receipt, "application/jose");  // failing, it comes again as a repeat
            }
        }
        System.exit(failed ? 1 : 0);
    }

    /** Verifies, opens, stores and shows a message; the receipt that it was opened. */
    private String handle(Map<String, Object> one) throws Exception {
        var envelope = (String) one.get("envelope");
        var sender = (String) one.get("sender");
        var id = (String) one.get("id");
        var verified = Jose.verify(envelope, "simpul+jws", agency.trusted(sender, "sign"));
        var header = Json.object(verified.document().get("header"));
        var body = verified.document().get("body");
        var digest = Jose.envelopeDigest(envelope);
        var accepted = agency.receipt((String) one.get("receipt"), sender, id, digest);
        boolean inDate = Agency.inDate(verified.signer(), accepted.get("at"));
        Refused.unless("accepted".equals(accepted.get("rung")) && inDate, "not in date");
        var said = List.of(header.get("sender"), header.get("id"), header.get("hub"));
        Refused.unless(said.equals(List.of(sender, id, agency.hub)), "not the message delivered");
        Refused.unless(parties(header).contains(agency.id), "not meant for us");
        if (Json.object(body).containsKey("ciphertext")) {
            body = Seal.open(Json.object(body), header, agency.sealKey, agency.sealCertificate);
        }
        Refused.unless(id.matches(UUID), "no message id");
        var path = agency.folder.resolve("store/in/" + sender + "/" + id + ".json");
        if (!Files.exists(path)) {  // a repeat is acknowledged, and nothing more
            Store.write(path, Json.write(one));
            System.out.println(Json.write(Map.of("header", header, "body", body)));
        }
        var opened = Map.of(
            "v", 1, "rung", "opened", "broker", agency.hub, "sender", sender, "id", id, "digest", digest,
            "at", timeText(Duration.ZERO), "agency", agency.id, "by", "petugas-piket");
        return Jose.sign(opened, "simpul-receipt+jws", agency.signKey, agency.signCertificate);
    }

    /** A rung of a message of ours; or that one for us is late or was taken back, or another's is late: stored. */
    private String note(Map<String, Object> one) throws Exception {
        var id = (String) one.get("id");
        Refused.unless(id.matches(UUID), "no message id");
        var token = (String) one.get("receipt");
        var claim = Jose.unverified(token);
        var rung = agency.receipt(token, (String) claim.get("sender"), id, (String) claim.get("digest"));
        boolean ours = agency.id.equals(rung.get("sender"));
        // What was recalled may not be used any more; answerBy says by when to answer.
        boolean aboutUs = TOLD.contains(rung.get("rung")) && agency.id.equals(rung.get("agency"));
        boolean called = rung.get("to") != null && Json.list(rung.get("to")).contains(agency.id);
        Refused.unless(ours || aboutUs || called, "a rung that is not for us");
        var path = ours ? "out/" + id + ".jose" : "in/" + rung.get("sender") + "/" + id + ".json";
        var file = agency.folder.resolve("store/" + path);
        if (ours || "recalled".equals(rung.get("rung")) || Files.exists(file)) { // who is late may not have got it yet
            var stored = Files.readString(file);
            var envelope = ours ? stored : (String) Json.object(stored).get("envelope");
            Refused.unless(Jose.envelopeDigest(envelope).equals(rung.get("digest")), "a rung of another message");
        }
        var name = id + "." + rung.get("agency") + "." + rung.get("rung");
        for (var part : List.of("clock", "step")) name += rung.get(part) == null ? "" : "." + rung.get(part);
        Store.write(agency.folder.resolve("store/rungs/" + name), token);
        System.out.println("rung " + rung.get("rung") + " " + id + " by " + rung.get("agency"));
        return "";
    }

    /** What became of the messages of the last week. A page may be short and yet not the last: `next` says. */
    private void outbox() throws Exception {
        var since = URLEncoder.encode(timeText(Duration.ofDays(-7)), StandardCharsets.UTF_8);
        for (Object cursor = ""; cursor != null;) {
            var page = agency.get("/v1/messages?limit=50&since=" + since + cursor);
            for (var entry : Json.list(page.get("messages"))) {
                var message = Json.object(entry);
                var id = (String) message.get("id");
                for (var row : Json.list(message.get("recipients"))) {
                    var line = new StringBuilder(id + " " + message.get("type"));
                    line.append(" ").append(Json.object(row).get("agency"));
                    line.append(" ").append(Json.object(row).get("state"));
                    for (var rung : Json.list(Json.object(row).get("rungs"))) {
                        var token = (String) Json.object(rung).get("receipt");
                        var receipt = agency.receipt(token, agency.id, id, (String) message.get("digest"));
                        line.append(" ").append(receipt.get("rung"));
                    }
                    System.out.println(line);
                }
            }
            cursor = page.get("next") == null ? null : "&cursor=" + page.get("next");
        }
    }
}
