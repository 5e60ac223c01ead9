import Logging
import ServiceLifecycle
import SimpulBroker
import SimpulCore

/// Removes attachments that nothing refers to, round after round; and once, at the start, files that an earlier end has
/// left behind. A round that fails is told, and the next one tries again.
struct AttachmentCollector: Service {
    let broker: Broker
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do { try await broker.attachments.sweep() } catch { tell(error) }
            while !Task.isCancelled {
                do throws(StoreError) {
                    let count = try await broker.attachments.collect()
                    if count > 0 { logger.info("Attachments removed", metadata: ["count": "\(count)"]) }
                } catch {
                    tell(error)
                }
                try? await Task.sleep(for: .seconds(broker.limits.attachmentRoundSeconds))
            }
        }
    }

    private func tell(_ error: any Error) {
        guard !Task.isCancelled else { return }
        let cause = (error as? StoreError)?.cause ?? "\(type(of: error))"
        logger.error("Attachments could not be removed", metadata: ["error": "\(cause)"])
    }
}
