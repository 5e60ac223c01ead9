internal import Glibc
internal import NIOCore
internal import ServiceLifecycle

/// An application on its socket, which says in plain words why the socket cannot be opened.
struct Listener<Application: Service>: Service {
    let application: Application
    let place: String

    func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError {
            throw ListenFailure(place: place, number: error.errnoCode)
        } catch is SocketAddressError {
            throw ListenFailure(place: place, number: EADDRNOTAVAIL)
        }
    }
}

/// Why a socket cannot be opened, in one line.
struct ListenFailure: Error, CustomStringConvertible {
    let place: String
    /// The system's number of the reason.
    let number: Int32

    var description: String {
        switch number {
        case EADDRINUSE: "\(place) is taken by another program"
        case EACCES, EPERM: "\(place) may not be opened by this user"
        case EADDRNOTAVAIL: "\(place) is at no address of this machine"
        default: "\(place) cannot be opened: \(String(cString: strerror(number)))"
        }
    }
}
