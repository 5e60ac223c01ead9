import ArgumentParser
import SimpulCore

/// Words of the command line that are ids.
enum IDArgument {
    static func agency(_ text: String) throws -> AgencyID {
        guard let id = AgencyID(text) else {
            throw ValidationError("An agency is named by its id, such as id-1709.polres.ppa.")
        }
        return id
    }

    static func message(_ text: String) throws -> MessageID {
        guard let id = MessageID(text) else {
            throw ValidationError("A message is named by its id, a UUID of version 7.")
        }
        return id
    }
}
