import JOSE
import SimpulBroker
import Testing

@Suite struct MerkleFrontierTests {
    /// RFC 6962 §2.1, word by word and slowly.
    private func root(of leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = leaves.first else { return SHA256.hash([UInt8]()).bytes }
        if leaves.count == 1 { return first }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return SHA256.hash([0x01] + root(of: leaves[..<middle]) + root(of: leaves[middle...])).bytes
    }

    private func leaf(_ number: Int) -> [UInt8] { SHA256.hash([0x00, UInt8(number & 0xFF)]).bytes }

    @Test func `the root is that of RFC 6962 for every size`() {
        var frontier = MerkleFrontier()
        var leaves: [[UInt8]] = []
        #expect(frontier.root == root(of: []))
        for number in 0..<130 {
            leaves.append(leaf(number))
            frontier.append(leaf(number))
            #expect(frontier.root == root(of: leaves[...]), "size \(leaves.count)")
        }
    }

    @Test func `a stored frontier goes on where it was`() throws {
        var frontier = MerkleFrontier()
        for number in 0..<11 { frontier.append(leaf(number)) }
        var stored = try #require(MerkleFrontier(size: frontier.size, octets: frontier.octets))
        stored.append(leaf(11))
        frontier.append(leaf(11))
        #expect(stored == frontier)
    }

    @Test(arguments: [(0, 32), (1, 0), (3, 32), (4, 64), (1, 33)])
    func `octets that do not fit the size are refused`(size: Int, count: Int) {
        #expect(MerkleFrontier(size: UInt64(size), octets: [UInt8](repeating: 0, count: count)) == nil)
    }
}
