public import SimpulCore
public import StrictJSON

/// Headers for tests of what looks at nothing else: whole for the code that reads them, whatever the schema says.
public enum TestHeader {
    /// A header of that type, with members changed or added.
    public static func make(_ type: MessageType, _ members: KeyValuePairs<String, JSON> = [:]) throws -> Header {
        var header: JSON = [
            "id": "019d6aec-d840-7568-81f7-087c1df7d63d", "type": .string(type.rawValue),
            "schema": .string("\(type.rawValue)/1.0"), "hub": "id-1709.simpul", "sent": "2026-04-08T09:30:00+07:00",
            "expires": "2026-04-15T09:30:00+07:00", "sender": "id-1709.uptd-ppa",
            "recipients": ["id-1709.ngo.rumah-aman"], "status": "Actual", "kind": "Report", "region": "17.09",
            "child": "no", "tlp": "AMBER", "purpose": "SERVICE_PROVISION", "legalBasis": "PDP20-2e", "privacy": "P1",
            "retainDays": 30,
        ]
        for (name, value) in members { header[name] = value }
        return try require(Header(JSONDocument(header.bytes).root))
    }
}
