import CHDF5

/// A chunk that stands in the file.
package struct HDF5Chunk: Sendable, Hashable {
    /// The index of its first element in every dimension.
    package let start: [Int]
    /// Bytes in the file, after the filters.
    package let storedSize: Int
    /// A bit for each filter that was left out.
    package let filterMask: UInt32
}

/// Chunks as they stand in the file, around libhdf5's filters: (de)compression can then run elsewhere
/// and in parallel.
extension HDF5Dataset {
    /// The chunks that are stored, in row-major order.
    ///
    /// - Parameter limit: How many places for chunks the dataset may have.
    /// - Returns: The stored chunks.
    /// - Complexity: One look-up for each place that a chunk may have.
    /// - Throws: ``HDF5Error`` with `wrongShape` if the dataset is not chunked, `tooLarge`, `damaged`,
    ///   `closed`.
    package func chunks(limit: Int = 1 << 20) throws -> [HDF5Chunk] {
        let chunkShape = try requireChunks()
        let grid = zip(shape, chunkShape).map { ($0 - 1) / $1 + 1 }
        guard count > 0 else { return [] }
        guard let places = checkedProduct(grid), places <= limit else {
            throw place.error(.tooLarge, "the dataset has more than \(limit) chunks")
        }
        return try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            var chunks: [HDF5Chunk] = []
            for index in 0..<places {
                var rest = index
                var start = shape
                for axis in grid.indices.reversed() {
                    start[axis] = rest % grid[axis] * chunkShape[axis]
                    rest /= grid[axis]
                }
                if let chunk = try chunk(at: start, of: id, scope) { chunks.append(chunk) }
            }
            return chunks
        }
    }

    /// The bytes of one chunk as they stand in the file, and a bit for each filter that was left out.
    ///
    /// - Parameters:
    ///   - start: The index of the chunk's first element, as ``HDF5Chunk/start``.
    ///   - limit: The most bytes to read.
    /// - Returns: The stored bytes.
    /// - Throws: ``HDF5Error`` with `notFound` if it is not stored, `wrongShape`, `tooLarge`,
    ///   `damaged`, `closed`.
    package func readChunk(
        at start: [Int], limit: Int = 1 << 32
    ) throws -> (bytes: [UInt8], filterMask: UInt32) {
        try requireStart(start)
        return try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            guard let chunk = try chunk(at: start, of: id, scope) else {
                throw scope.error(.notFound, "there is no chunk at \(start)")
            }
            guard chunk.storedSize <= limit else {
                throw scope.error(.tooLarge, "the chunk at \(start) is larger than \(limit) bytes")
            }
            var mask: UInt32 = 0
            let size = chunk.storedSize
            let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                try scope.check(
                    H5Dread_chunk(
                        id, hid_t(H5P_DEFAULT), start.map { hsize_t($0) }, &mask,
                        buffer.baseAddress), doing: "cannot read the chunk at \(start)")
                initialized = size
            }
            return (bytes, mask)
        }
    }

    /// Writes one chunk as it is to stand in the file.
    ///
    /// - Parameters:
    ///   - start: The index of the chunk's first element, as ``HDF5Chunk/start``.
    ///   - bytes: What the filters would have made of a whole chunk, also at the edge of the dataset.
    ///   - filterMask: A bit for each filter that was left out.
    /// - Throws: ``HDF5Error`` with `wrongShape`, `io`, `closed`.
    package func writeChunk(
        at start: [Int], _ bytes: UnsafeRawBufferPointer, filterMask: UInt32 = 0
    ) throws {
        try requireStart(start)
        try HDF5Library.call(place) { scope in
            let id = try handle.raw(scope)
            guard let base = bytes.baseAddress, !bytes.isEmpty else {
                throw scope.error(.wrongShape, "a chunk has no bytes")
            }
            try scope.check(
                H5Dwrite_chunk(
                    id, hid_t(H5P_DEFAULT), filterMask, start.map { hsize_t($0) }, bytes.count,
                    base), doing: "cannot write the chunk at \(start)", fallback: .library)
        }
    }

    private func chunk(
        at start: [Int], of id: hid_t, _ scope: CallScope
    ) throws -> HDF5Chunk? {
        var mask: UInt32 = 0
        var address: haddr_t = 0
        var size: hsize_t = 0
        try scope.check(
            H5Dget_chunk_info_by_coord(id, start.map { hsize_t($0) }, &mask, &address, &size),
            doing: "cannot look up the chunk at \(start)")
        guard address != chdf5_addr_undefined() else { return nil }
        guard let storedSize = Int(exactly: size) else {
            throw scope.error(.damaged, "the chunk at \(start) is larger than any file")
        }
        return HDF5Chunk(start: start, storedSize: storedSize, filterMask: mask)
    }

    private func requireChunks() throws -> [Int] {
        guard case .chunked(let chunkShape) = layout else {
            throw place.error(.wrongShape, "the dataset is not chunked")
        }
        return chunkShape
    }

    private func requireStart(_ start: [Int]) throws {
        let chunkShape = try requireChunks()
        let fits =
            start.count == shape.count
            && start.indices.allSatisfy {
                start[$0] >= 0 && start[$0] < shape[$0] && start[$0] % chunkShape[$0] == 0
            }
        guard fits else { throw place.error(.wrongShape, "no chunk starts at \(start)") }
    }
}
