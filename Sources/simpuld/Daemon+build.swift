import Glibc
import Logging
import ServiceLifecycle
import SimpulBroker
import SimpulConfiguration
import SimpulCore
import SimpulEnvelope
import SimpulServer
import SimpulStoreSQLite

/// The composition root: the one place where the parts meet.
extension Daemon {
    func serve(_ settings: HubConfiguration) async throws {
        let logger = Self.logger(settings.logLevel)
        let files = FileLimit.raise()
        if files < settings.limits.connections {
            logger.warning(
                "The system lets fewer files be open than connections are allowed", metadata: ["files": "\(files)"])
        }
        let store: SQLiteStore
        do {
            store = try SQLiteStore.open(
                path: settings.database, limits: settings.limits, checkpoints: settings.identity.checkpoints)
        } catch {
            throw StartFailure.cannotServe("the store cannot be used: \(error.cause)")
        }
        try StatusSocketFile.clear(settings.statusSocket)
        let broker = try Self.broker(settings, store)
        try await Self.confirmRules(of: broker, settings.change, logger)
        let reload = Reload(reloader: Reloader(file: file, broker: broker, logger: logger))
        let failure = await Self.run([server(settings, broker, reload.reloader, logger), reload], settings.limits)
        await store.close()
        unlink(settings.statusSocket)
        if let failure {
            throw StartFailure.cannotServe("serving on \(Self.url(settings, settings.port)): \(failure)")
        }
    }

    /// No port opens before the log has the rules as its newest.
    private static func confirmRules(
        of broker: Broker, _ change: ChangeDocument, _ logger: Logger
    ) async throws(StartFailure) {
        do throws(Broker.RulesError) {
            Reloader.tell(try await broker.confirmRules(change: change), logger)
        } catch {
            switch error {
            case .unapproved(let rules): throw .unapproved(rules)
            case .store(let error): throw .cannotServe("the store cannot be used: \(error.cause)")
            }
        }
        if broker.rulebook.rules.policy.approvers.isEmpty {
            logger.warning("The policy names no approvers: no change of it or of roles can ever come into force")
        }
        do {
            try await broker.recordRules()
        } catch {
            throw .cannotServe("the store cannot be written: \(error.cause)")
        }
    }

    private static func broker(_ settings: HubConfiguration, _ store: SQLiteStore) throws -> Broker {
        let identity = settings.identity
        return Broker(
            rulebook: Rulebook(settings.rules), catalogue: try SchemaCatalogue(limits: settings.limits), store: store,
            receipts: ReceiptIssuer(identity: identity.signing),
            certificates: [
                .init(use: "tls", certificate: identity.tlsCertificate),
                .init(use: "sign", certificate: identity.signing.certificate),
                .init(use: "log", certificate: identity.logCertificate),
            ],
            limits: settings.limits, now: { .current })
    }

    private func server(
        _ settings: HubConfiguration, _ broker: Broker, _ reloader: Reloader, _ logger: Logger
    ) -> HubServer {
        let identity = settings.identity
        return HubServer(
            broker: broker,
            tls: ServerTLS(
                chainPEM: identity.tlsChainPEM, keyPEM: identity.tlsKeyPEM, allowsTLS12: settings.allowsTLS12),
            listen: ListenAddress(host: settings.address, port: settings.port), statusSocket: settings.statusSocket,
            statusMode: settings.statusMode, statusRights: settings.statusRights, logger: logger
        ) {
            await reloader.reload()
        } onReady: { port in
            ServiceManager.notify("READY=1")
            StandardError.write(
                "simpuld ready: hub \(settings.hub), \(Self.url(settings, port)), status \(settings.statusSocket)")
        }
    }

    private static func url(_ settings: HubConfiguration, _ port: Int) -> String {
        "https://" + (settings.address.contains(":") ? "[\(settings.address)]" : settings.address) + ":\(port)"
    }

    /// Runs until a signal stops it, or a service fails.
    private static func run(_ services: [any Service], _ limits: Limits) async -> (any Error)? {
        // What fails is reported once, here; the group itself stays silent.
        let silent = Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: silent)
        // The server ends by itself within its bound; this is for when it does not.
        group.maximumGracefulShutdownDuration = .seconds(limits.shutdownSeconds + 1)
        do {
            try await ServiceGroup(configuration: group).run()
            return nil
        } catch {
            return error
        }
    }

    private static func logger(_ level: HubConfiguration.LogLevel) -> Logger {
        var logger = Logger(label: "simpuld") { label in
            ServerLog(handler: StreamLogHandler.standardError(label: label))
        }
        logger.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
        return logger
    }
}
