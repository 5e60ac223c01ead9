import Testing

@testable import SimpulServer

@Suite struct ServerTLSTests {
    private let tls = ServerTLS(chainPEM: Array("chain".utf8), keyPEM: Array("key".utf8))

    @Test func `octets that are no certificate are refused before the port opens`() {
        #expect(throws: (any Error).self) { try tls.configuration() }
    }

    @Test func `printing it shows no key`() {
        var dumped = ""
        dump(tls, to: &dumped)
        #expect(!"\(tls)\(dumped)\(String(reflecting: tls))".contains("107"))
        #expect("\(tls)" == "ServerTLS")
    }
}
