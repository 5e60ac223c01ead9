import Testing

@testable import SimpulServer

@Suite struct ListenerTests {
    @Test(arguments: [
        (98, "the port 8443 is taken by another program"), (13, "the port 8443 may not be opened by this user"),
        (99, "the port 8443 is at no address of this machine"),
        (24, "the port 8443 cannot be opened: Too many open files"),
    ])
    func `why a socket cannot be opened is told in one plain line`(number: Int32, text: String) {
        #expect(ListenFailure(place: "the port 8443", number: number).description == text)
    }
}
