import Glibc
import ModelGraph
import Workers

/// Writes weights into places of a file that were set aside for them.
struct WeightStream {
    /// A weight and where its bytes are to stand.
    struct Place: Sendable {
        var weight: Weight
        var offset: Int
    }

    /// Bytes that are written at once.
    static let blockByteCount = 2 << 20

    private struct Block {
        var place: Int
        var range: Range<Int>
    }

    /// Writes all weights, on all cores: copying into the system's page cache is what takes the time.
    ///
    /// - Throws: ``KerasError`` with `io`.
    static func write(_ places: [Place], to file: PendingFile) throws {
        var blocks: [Block] = []
        for (index, place) in places.enumerated() {
            let length = place.weight.blockLength(byteCount: blockByteCount)
            let count = place.weight.elementCount
            for start in stride(from: 0, to: count, by: length) {
                blocks.append(Block(place: index, range: start..<min(start + length, count)))
            }
        }
        guard !blocks.isEmpty else { return }
        let descriptor = open(file.path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw file.ioFailure(errno) }
        defer { close(descriptor) }
        let all = blocks
        try concurrentForEach(all.count, state: { [UInt8]() }) { index, scratch in
            let block = all[index]
            let place = places[block.place]
            let offset = place.offset + block.range.lowerBound * place.weight.elementType.byteCount
            try place.weight.withBlock(block.range, scratch: &scratch) { bytes in
                try write(bytes, to: descriptor, at: offset, of: file)
            }
        }
    }

    /// Writes all bytes to one place.
    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, of file: PendingFile
    ) throws(KerasError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, offset + done)
            if count < 0 {
                if errno == EINTR { continue }
                throw file.ioFailure(errno)
            }
            guard count > 0 else { throw file.ioFailure(ENOSPC) }
            done += count
        }
    }
}
