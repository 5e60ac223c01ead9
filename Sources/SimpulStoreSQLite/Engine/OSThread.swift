internal import Glibc
internal import SimpulBroker

/// A thread of the operating system, for work that blocks: the pool that runs Swift's tasks must never wait for a disk.
enum OSThread {
    /// Starts a thread that runs a body once.
    /// - Parameter ended: runs on the thread when the body is over and all that it held is gone.
    static func start(
        body: sending @escaping () -> Void, ended: @escaping @Sendable () -> Void = {}
    ) throws(StoreError) {
        let work = Unmanaged.passRetained(Work(body: body, ended: ended))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Work.run(Unmanaged<Work>.fromOpaque(argument))
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw StoreError(.unavailable, "no thread could be started (\(code))")
        }
        pthread_detach(thread)
    }

    private final class Work {
        private var body: (() -> Void)?
        private let ended: @Sendable () -> Void

        init(body: @escaping () -> Void, ended: @escaping @Sendable () -> Void) {
            self.body = body
            self.ended = ended
        }

        static func run(_ retained: Unmanaged<Work>) {
            let work = retained.takeRetainedValue()
            work.body?()
            work.body = nil
            work.ended()
        }
    }
}
