import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, strings, longs, doubles, booleans and null: the JDK has none. A real system has a library. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Map<String, Object> object(String text) {
        var reader = new Json(text);
        var value = reader.value(0);
        reader.space();
        Refused.unless(reader.at == text.length() && value instanceof Map, "not one JSON object");
        return object(value);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return value == null ? List.of() : (List<Object>) value;
    }

    static String write(Object value) {
        if (value instanceof Map<?, ?> members) {
            var parts = new ArrayList<String>();
            members.forEach((name, member) -> parts.add(write(name) + ":" + write(member)));
            return "{" + String.join(",", parts) + "}";
        }
        if (value instanceof List<?> items) {
            return "[" + String.join(",", items.stream().map(Json::write).toList()) + "]";
        }
        return value instanceof String string ? quote(string) : String.valueOf(value);
    }

    private static String quote(String string) {
        var out = new StringBuilder("\"");
        for (char c : string.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else {
                out.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }

    private Object value(int depth) {
        Refused.unless(depth <= 32, "JSON is nested too deep");
        space();
        if (take("{")) {
            var members = new LinkedHashMap<String, Object>();
            for (boolean more = !takeSpaced("}"); more; more = !end("}")) {
                space();
                expect("\"");
                var name = string();
                space();
                expect(":");
                Refused.unless(!members.containsKey(name), "a name twice in JSON");
                members.put(name, value(depth + 1));
            }
            return members;
        }
        if (take("[")) {
            var items = new ArrayList<Object>();
            for (boolean more = !takeSpaced("]"); more; more = !end("]")) {
                items.add(value(depth + 1));
            }
            return items;
        }
        if (take("\"")) return string();
        if (take("true")) return true;
        if (take("false")) return false;
        if (take("null")) return null;
        return number();
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
        var number = text.substring(from, at);
        Refused.unless(number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?"), "not JSON");
        return number.matches("-?[0-9]+") ? (Object) Long.valueOf(number) : Double.valueOf(number);
    }

    private String string() {
        var out = new StringBuilder();
        while (!take("\"")) {
            Refused.unless(at < text.length() && text.charAt(at) >= ' ', "not JSON");
            char c = text.charAt(at++);
            out.append(c == '\\' ? escape() : c);
        }
        return out.toString();
    }

    private char escape() {
        Refused.unless(at < text.length(), "not JSON");
        char c = text.charAt(at++);
        if (c == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        int known = "\"\\/bfnrt".indexOf(c);
        Refused.unless(known >= 0, "not JSON");
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    private boolean end(String close) {
        if (takeSpaced(close)) return true;
        expect(",");
        return false;
    }

    private boolean takeSpaced(String token) {
        space();
        return take(token);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private boolean take(String token) {
        boolean found = text.startsWith(token, at);
        at += found ? token.length() : 0;
        return found;
    }

    private void expect(String token) {
        Refused.unless(take(token), "not JSON");
    }
}
