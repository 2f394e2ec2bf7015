import Foundation
import ModelGraph

/// A block of zeroed memory straight from the system, on huge pages where it is large and the system has them.
///
/// A pass over 100 MB of weights touches 25,000 small pages, and hardware reads ahead within a page only; with huge
/// pages it runs at the memory's speed.
final class PageBlock {
    let bytes: UnsafeMutableRawBufferPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedByteCount: Int

    static let hugePage = 2 << 20

    /// - Throws: ``ExecutionError`` if the system has no such block.
    init(byteCount: Int) throws(ExecutionError) {
        let isHuge = byteCount >= PageBlock.hugePage
        // A huge page begins at a multiple of its size.
        let slack = isHuge ? PageBlock.hugePage : 0
        let wanted = max(byteCount, 1)
        guard
            let mapping = mmap(
                nil, wanted + slack, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), mapping != MAP_FAILED
        else {
            throw ExecutionError(.memory, "the system has no \(wanted >> 20) MiB of memory left")
        }
        self.mapping = mapping
        mappedByteCount = wanted + slack
        let address = UInt(bitPattern: mapping)
        let start = isHuge ? (0 &- address) & UInt(PageBlock.hugePage - 1) : 0
        bytes = UnsafeMutableRawBufferPointer(start: mapping + Int(start), count: wanted)
        // Where the system has no huge pages, small ones do.
        if isHuge { madvise(bytes.baseAddress, wanted, MADV_HUGEPAGE) }
    }

    deinit { munmap(mapping, mappedByteCount) }
}

/// Where packed weights are placed: one after the other, in the order of the steps that read them.
///
/// Not safe to share between threads.
final class WeightArena {
    private var block: PageBlock?
    private var used = 0
    private let blockByteCount: Int

    /// - Parameter byteCount: what is expected to be needed; more is had in further blocks.
    init(byteCount: Int) { blockByteCount = max(byteCount, 4096) }

    /// Room for that many bytes, aligned to 64, all zero.
    func storage(byteCount: Int) throws(ExecutionError) -> WeightStorage {
        let rounded = (max(byteCount, 1) + 63) / 64 * 64
        var block = block
        if block.map({ used + rounded > $0.bytes.count }) ?? true {
            block = try PageBlock(byteCount: max(blockByteCount, rounded))
            self.block = block
            used = 0
        }
        guard let block else { throw ExecutionError(.memory, "there is no memory left") }
        let place = UnsafeRawBufferPointer(rebasing: block.bytes[used..<(used + byteCount)])
        used += rounded
        // Sendable because it only keeps the block alive.
        nonisolated(unsafe) let owner = block
        return WeightStorage(adopting: place) { withExtendedLifetime(owner) {} }
    }
}
