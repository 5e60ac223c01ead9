internal import JOSE

/// The right edge of an append-only Merkle tree (RFC 6962 §2.1): enough to append a leaf and to state the root, in
/// 32 octets for each bit of the size.
public struct MerkleFrontier: Hashable, Sendable {
    /// How many leaves the tree has.
    public private(set) var size: UInt64
    /// The roots of the perfect subtrees that the size's binary digits name, largest first.
    public private(set) var nodes: [[UInt8]]

    /// The empty tree.
    public init() {
        size = 0
        nodes = []
    }

    /// A stored frontier: the size, and the node hashes one after the other.
    /// - Returns: nil where the octets are not 32 for each one bit of the size.
    public init?(size: UInt64, octets: [UInt8]) {
        guard octets.count == size.nonzeroBitCount * 32 else { return nil }
        self.size = size
        nodes = stride(from: 0, to: octets.count, by: 32).map { Array(octets[$0..<$0 + 32]) }
    }

    /// The node hashes one after the other.
    public var octets: [UInt8] { nodes.flatMap { $0 } }

    /// Appends a leaf hash (32 octets).
    public mutating func append(_ leaf: [UInt8]) {
        var node = leaf
        var carry = size
        while carry & 1 == 1 {
            node = Self.parent(nodes.removeLast(), node)
            carry >>= 1
        }
        nodes.append(node)
        size += 1
    }

    /// The tree's root hash; of the empty tree SHA-256 of nothing.
    public var root: [UInt8] {
        guard var hash = nodes.last else { return SHA256.hash([UInt8]()).bytes }
        for node in nodes.dropLast().reversed() { hash = Self.parent(node, hash) }
        return hash
    }

    private static func parent(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        SHA256.hash([0x01] + left + right).bytes
    }
}
