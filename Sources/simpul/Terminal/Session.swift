import ArgumentParser
import Glibc
import JOSE
import SimpulClient
import SimpulCore
import SimpulEnvelope

/// What a command works with once its profile is read.
struct Session {
    let profile: ClientProfile
    let keys: AgencyKeys
    let known: KnownKeys
    let catalogue: SchemaCatalogue
    let terminal: Terminal
    let clock = RetryClock.system

    init(_ option: ProfileOption, _ terminal: Terminal) throws(ClientError) {
        profile = try ClientProfile(file: option.path)
        keys = try AgencyKeys(profile)
        known = try KnownKeys(folder: profile.known, trust: keys.trust)
        catalogue = try SchemaCatalogue.embedded()
        self.terminal = terminal
    }

    var check: ReceiptCheck { ReceiptCheck(hub: profile.hub, known: known, catalogue: catalogue) }

    var incoming: Incoming {
        Incoming(agency: profile.agency, hub: profile.hub, sealing: keys.sealing, catalogue: catalogue)
    }

    /// Runs the body with a connection to the broker, and closes it afterwards.
    func withHub<Value>(_ body: (HubConnection) async throws -> Value) async throws -> Value {
        let hub = try HubConnection(profile.address, tls: keys.tls, language: terminal.language)
        do {
            let value = try await body(hub)
            await hub.close()
            return value
        } catch {
            await hub.close()
            throw error
        }
    }
}

extension SchemaCatalogue {
    /// The schemas that this program carries.
    static func embedded() throws(ClientError) -> SchemaCatalogue {
        do {
            return try SchemaCatalogue()
        } catch {
            throw ClientError(
                .unable, "schemas",
                LocalizedText("The embedded schemas are faulty.", "Skema yang tertanam rusak."))
        }
    }
}

extension RetryClock {
    /// The machine's own time and chance.
    static let system = RetryClock(
        now: { .now }, sleep: { milliseconds in try? await Task.sleep(for: .milliseconds(milliseconds)) },
        chance: { Double.random(in: 0..<1) })
}

extension Timestamp {
    /// The machine's time.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// A command whose failures are told in one way: the text, the JSON, and the exit code.
protocol SimpulCommand: AsyncParsableCommand {
    var output: OutputOption { get }

    /// Does the work.
    /// - Returns: the exit code.
    func perform(_ terminal: Terminal) async throws -> Int32
}

extension SimpulCommand {
    func run() async throws {
        let terminal = Terminal(output)
        let code: Int32
        do {
            code = try await perform(terminal)
        } catch {
            let failure = ClientError(any: error)
            terminal.report(failure)
            code = failure.exitCode
        }
        guard code == 0 else { throw ExitCode(code) }
    }
}

extension ClientError {
    /// Whatever a command threw, in the client's words.
    init(any error: any Error) {
        switch error {
        case let error as ClientError: self = error
        case let error as HubError: self.init(error)
        case let error as FileError: self.init(error)
        case let error as Distrust: self.init(.refused, error.rawValue, error.detail)
        default: self.init(.unable, "internal", LocalizedText("\(error)", "\(error)"))
        }
    }
}
