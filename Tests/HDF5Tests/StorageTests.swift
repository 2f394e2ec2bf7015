import Foundation
import HDF5
import Testing

/// Layouts, filters, parts and chunks of files that h5py wrote; a 10 × 6 array counts from 0.
@Suite struct StorageTests {
    let root: HDF5Group
    let values = (0..<60).map { Float($0) }

    init() throws {
        root = try Fixture.open("storage.h5").root
    }

    @Test func layoutsAndFilters() throws {
        func check(_ name: String, _ layout: HDF5Layout, _ filters: [HDF5Filter]) throws {
            let dataset = try root.dataset(name)
            #expect(dataset.layout == layout)
            #expect(dataset.filters == filters)
            #expect(try dataset.array(of: Float.self) == values, "\(name)")
        }
        try check("contiguous", .contiguous, [])
        try check("chunked", .chunked(shape: [4, 4]), [])
        try check("gzip", .chunked(shape: [4, 4]), [.deflate(level: 6)])
        try check("shuffle-gzip", .chunked(shape: [4, 6]), [.shuffle, .deflate(level: 4)])
        try check("fletcher", .chunked(shape: [10, 6]), [.fletcher32])
        let compact = try root.dataset("compact")
        #expect(compact.layout == .compact)
        #expect(try compact.array(of: Float.self) == [1, 2, 3])
        #expect(try compact.fileOffset == nil)
    }

    @Test func contiguousValuesStandWhereTheFileSays() throws {
        let dataset = try root.dataset("contiguous")
        let offset = try #require(try dataset.fileOffset)
        #expect(try dataset.storageSize == 240)
        let file = try Fixture.bytes("storage.h5")
        #expect(Array(file[offset..<offset + 240]) == values.withUnsafeBytes { Array($0) })
        #expect(try root.dataset("chunked").fileOffset == nil)
    }

    @Test func aMissingFilterIsNamed() throws {
        let dataset = try root.dataset("lzf")
        #expect(dataset.filters == [.other(id: 32000, name: "lzf")])
        let error = expectError(.unsupportedFilter) { _ = try dataset.array(of: Float.self) }
        #expect(error?.path == "/lzf")
    }

    @Test(arguments: ["contiguous", "gzip"]) func parts(name: String) throws {
        let dataset = try root.dataset(name)
        func read(_ slab: HDF5Slab, _ count: Int) throws -> [Float] {
            var result = [Float](repeating: .nan, count: count)
            try result.withUnsafeMutableBytes { try dataset.read(slab, into: $0) }
            return result
        }
        #expect(
            try read(HDF5Slab(start: [3, 1], count: [2, 3]), 6) == [19, 20, 21, 25, 26, 27])
        #expect(
            try read(HDF5Slab(start: [1, 0], count: [3, 2], stride: [4, 5]), 6)
                == [6, 11, 30, 35, 54, 59])
        #expect(try read(HDF5Slab(start: [0, 0], count: [10, 6]), 60) == values)
        #expect(try read(HDF5Slab(start: [10, 0], count: [0, 6]), 0) == [])
    }

    @Test func partsBeyondTheDatasetAreRefused() throws {
        let dataset = try root.dataset("contiguous")
        for slab in [
            HDF5Slab(start: [0, 0], count: [11, 1]), HDF5Slab(start: [9, 5], count: [1, 2]),
            HDF5Slab(start: [-1, 0], count: [1, 1]), HDF5Slab(start: [0, 0], count: [1, -1]),
            HDF5Slab(start: [0, 0], count: [2, 1], stride: [10, 1]),
            HDF5Slab(start: [0, 0], count: [2, 1], stride: [.max, 1]),
            HDF5Slab(start: [0, 0], count: [.max, 1], stride: [.max, 1]),
            HDF5Slab(start: [.max, 0], count: [1, 1]), HDF5Slab(start: [0], count: [1]),
            HDF5Slab(start: [0, 0], count: [1, 1], stride: [0, 1]),
        ] {
            var bytes = [UInt8](repeating: 0, count: 4)
            expectError(.wrongShape) {
                try bytes.withUnsafeMutableBytes { try dataset.read(slab, into: $0) }
            }
        }
    }

    @Test func chunksAsTheyStandInTheFile() throws {
        let dataset = try root.dataset("chunked")
        let chunks = try dataset.chunks()
        #expect(
            chunks.map(\.start) == [[0, 0], [0, 4], [4, 0], [4, 4], [8, 0], [8, 4]])
        #expect(chunks.allSatisfy { $0.storedSize == 64 && $0.filterMask == 0 })
        let chunk = try dataset.readChunk(at: [4, 0])
        #expect(chunk.filterMask == 0)
        let expected: [Float] = [24, 25, 26, 27, 30, 31, 32, 33, 36, 37, 38, 39, 42, 43, 44, 45]
        #expect(chunk.bytes == expected.withUnsafeBytes { Array($0) })
    }

    @Test func chunksThatWereNeverWritten() throws {
        let dataset = try root.dataset("partly")
        #expect(try dataset.chunks().map(\.start) == [[0, 0]])
        expectError(.notFound) { _ = try dataset.readChunk(at: [4, 4]) }
        let all = try dataset.array(of: Float.self)
        #expect(all[0] == 0 && all[21] == 21 && all[22] == -1 && all[59] == -1)
    }

    @Test func placesWhereNoChunkStartsAreRefused() throws {
        let dataset = try root.dataset("chunked")
        for start in [[1, 0], [12, 0], [0], [-4, 0], [0, 8]] {
            expectError(.wrongShape) { _ = try dataset.readChunk(at: start) }
        }
        expectError(.wrongShape) { _ = try root.dataset("contiguous").readChunk(at: [0, 0]) }
        expectError(.wrongShape) { _ = try root.dataset("contiguous").chunks() }
        expectError(.tooLarge) { _ = try dataset.chunks(limit: 5) }
        expectError(.tooLarge) { _ = try dataset.readChunk(at: [0, 0], limit: 63) }
    }

    @Test func theNewestFormat() throws {
        let root = try Fixture.open("v110.h5").root
        #expect(try root.dataset("x").array(of: Float.self) == [0, 1, 2, 3])
        #expect(try root.attributes.info("large").shape == [66_000])
    }

    @Test func addressesCountFromBehindAUserBlock() throws {
        let root = try Fixture.open("userblock.h5").root
        let file = try Fixture.bytes("userblock.h5")
        let values: [Float] = [0, 1, 2, 3]
        let offset = try #require(try root.dataset("x").fileOffset)
        #expect(Array(file[offset..<offset + 16]) == values.withUnsafeBytes { Array($0) })
        let chunked = try root.dataset("chunked")
        #expect(try chunked.array(of: Float.self) == values)
        #expect(
            try chunked.readChunk(at: [2]).bytes == values[2...].withUnsafeBytes { Array($0) })
        #expect(try root.attributes.strings("texts") == ["a", "bc"])
    }
}
