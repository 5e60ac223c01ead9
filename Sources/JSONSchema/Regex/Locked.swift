import Glibc

/// A value that one thread at a time may look at. `Synchronization.Mutex` would do, but ThreadSanitizer does not see it on
/// Linux, and then takes every access for a race.
///
/// Sendable without the compiler's word, because every way to what it holds is one thread's at a time. `value` is private
/// and read or written in `withLock` alone, between locking and unlocking, after `init` has finished with it. It is itself
/// Sendable, so what a body returns shares nothing unsafe. `mutex` never changes after `init`; the system lets many
/// threads use it at once, and `deinit` runs when no thread can have a reference any more.
final class Locked<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        mutex.initialize(to: pthread_mutex_t())
        let status = pthread_mutex_init(mutex, nil)
        precondition(status == 0, "the system has no mutex")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
