import Foundation
import HDF5
import Testing

@Suite struct WriteTests {
    static let types: [HDF5ElementType] = [
        .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float16, .bfloat16,
        .float32, .float64, .bool, .numpyBFloat16, .opaque(size: 3, tag: "tag"),
        .fixedString(size: 5, padding: .nullPadded, encoding: .ascii),
        .fixedString(size: 5, padding: .spacePadded, encoding: .utf8),
        .fixedString(size: 5, padding: .nullTerminated, encoding: .utf8),
    ]

    /// Bytes that are values of the type: for all but bool and text any will do.
    static func bytes(_ type: HDF5ElementType, count: Int) -> [UInt8] {
        (0..<count * type.size).map { type == .bool ? UInt8($0 % 2) : UInt8(65 + $0 % 26) }
    }

    @Test(arguments: types) func everyTypeComesBackToTheBit(type: HDF5ElementType) throws {
        let layouts: [(HDF5Layout, [HDF5Filter])] = [
            (.contiguous, []), (.compact, []), (.chunked(shape: [2, 3]), []),
            (.chunked(shape: [3, 2]), [.shuffle, .deflate(level: 1)]),
            (.chunked(shape: [4, 5]), [.deflate(level: 9), .fletcher32]),
        ]
        let bytes = Self.bytes(type, count: 20)
        let file = try HDF5File(creatingInMemory: "types")
        for (index, (layout, filters)) in layouts.enumerated() {
            let dataset = try file.root.createDataset(
                "g/\(index)", type, shape: [4, 5], layout: layout, filters: filters)
            try dataset.write(bytes)
        }
        let image = try file.image()
        try file.close()
        let read = try HDF5File(image: image, name: "types")
        for (index, (layout, filters)) in layouts.enumerated() {
            let dataset = try read.root.dataset("g/\(index)")
            #expect(dataset.elementType == type)
            #expect(dataset.layout == layout && dataset.filters == filters)
            #expect(dataset.shape == [4, 5])
            #expect(try dataset.bytes() == bytes)
        }
    }

    @Test func scalarsAndEmptyShapes() throws {
        let file = try HDF5File(creatingInMemory: "shapes")
        let chunks = HDF5Layout.chunked(shape: [4])
        let scalar = try file.root.createDataset(
            "scalar", .float32, shape: [], layout: chunks, filters: [.shuffle])
        try scalar.write([Float(2.5)])
        let empty = try file.root.createDataset(
            "empty", .float32, shape: [0, 3], layout: chunks, filters: [.shuffle])
        try empty.write([Float]())
        #expect(try scalar.array(of: Float.self) == [2.5])
        #expect(scalar.shape == [] && scalar.layout == .contiguous)
        #expect(try empty.array(of: Float.self) == [])
        #expect(empty.shape == [0, 3] && empty.layout == .contiguous)
    }

    @Test func textsOfAnyLength() throws {
        let file = try HDF5File(creatingInMemory: "texts")
        let type = HDF5ElementType.variableString(encoding: .utf8)
        let dataset = try file.root.createDataset("texts", type, shape: [3])
        try dataset.write(strings: ["a", "", "größer"])
        #expect(try dataset.strings() == ["a", "", "größer"])
        expectError(.wrongShape) { try dataset.write(strings: ["a"]) }
        expectError(.invalidText) { try dataset.write(strings: ["a", "b\0", ""]) }
    }

    @Test(arguments: [HDF5Layout.contiguous, .chunked(shape: [3, 2])])
    func valuesCanBeStreamed(layout: HDF5Layout) throws {
        let file = try HDF5File(creatingInMemory: "stream")
        let dataset = try file.root.createDataset("x", .int16, shape: [7, 3], layout: layout)
        for row in 0..<7 {
            let values = (0..<3).map { Int16(row * 3 + $0) }
            try values.withUnsafeBytes {
                try dataset.write(HDF5Slab(start: [row, 0], count: [1, 3]), from: $0)
            }
        }
        #expect(try dataset.array(of: Int16.self) == (0..<21).map { Int16($0) })
    }

    @Test func contiguousSpaceIsKnownAtOnce() throws {
        let options = HDF5CreationOptions(alignment: 64)
        let file = try HDF5File(creatingInMemory: "offset", options: options)
        let first = try file.root.createDataset("first", .uint8, shape: [5001])
        let second = try file.root.createDataset("second", .float32, shape: [2000])
        #expect(try first.fileOffset.map { $0 % 64 } == 0)
        #expect(try second.fileOffset.map { $0 % 64 } == 0)
    }

    /// Chunks made by hand: one stored as it is with all filters left out, one shuffled by hand.
    @Test func chunksCanBeWrittenAsTheyAre() throws {
        let file = try HDF5File(creatingInMemory: "chunks")
        let dataset = try file.root.createDataset(
            "x", .uint16, shape: [5], layout: .chunked(shape: [4]), filters: [.shuffle])
        try [1, 0, 2, 0, 3, 0, 4, 0].withUnsafeBytes(as: UInt8.self) {
            try dataset.writeChunk(at: [0], $0, filterMask: 1)
        }
        try [5, 6, 7, 8, 1, 1, 1, 1].withUnsafeBytes(as: UInt8.self) {
            try dataset.writeChunk(at: [4], $0)
        }
        #expect(try dataset.array(of: UInt16.self) == [1, 2, 3, 4, 5 + 256])
        #expect(try dataset.chunks().map(\.filterMask) == [1, 0])
        #expect(try dataset.readChunk(at: [0]).filterMask == 1)
        #expect(try dataset.readChunk(at: [4]).bytes == [5, 6, 7, 8, 1, 1, 1, 1])
        expectError(.wrongShape) {
            try dataset.writeChunk(at: [4], UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test func impossibleRequestsAreRefused() throws {
        let root = try HDF5File(creatingInMemory: "refused").root
        _ = try root.createGroup("a/b")
        expectError(.exists) { _ = try root.createGroup("a/b") }
        expectError(.exists) { _ = try root.createGroup("") }
        expectError(.exists) { _ = try root.createDataset("a", .int8, shape: []) }
        expectError(.wrongShape) { _ = try root.createDataset("x", .int8, shape: [-1]) }
        expectError(.wrongShape) { _ = try root.createDataset("x", .int8, shape: [.max, 2]) }
        expectError(.wrongShape) {
            _ = try root.createDataset("x", .int8, shape: [2], layout: .chunked(shape: [3]))
        }
        expectError(.wrongShape) {
            _ = try root.createDataset("x", .int8, shape: [2], filters: [.shuffle])
        }
        expectError(.unsupportedFilter) {
            _ = try root.createDataset(
                "x", .int8, shape: [2], layout: .chunked(shape: [2]), filters: [.deflate(level: 10)]
            )
        }
        expectError(.unsupportedType) {
            _ = try root.createDataset("x", .other(kind: "compound", size: 4), shape: [2])
        }
        #expect(try root.links().map(\.name) == ["a"])
    }

    @Test func objectsCopyUnchanged() throws {
        let source = try Fixture.open("types.h5").root
        let file = try HDF5File(creatingInMemory: "copies")
        try file.root.copy("group", from: "little", in: source)
        try file.root.copy("deep/er/bf16", from: "bfloat16", in: source)
        try file.root.copy("compound", from: "compound", in: source)
        #expect(try file.root.group("group").links().count == 11)
        #expect(try file.root.dataset("group/f4").array(of: Float.self)[1] == 0.25)
        let copy = try file.root.dataset("deep/er/bf16")
        #expect(copy.elementType == .numpyBFloat16)
        #expect(try copy.attributes.string("dtype") == "bfloat16")
        #expect(
            try file.root.dataset("compound").elementType == .other(kind: "compound", size: 12))
        expectError(.notFound) { try file.root.copy("x", from: "nothing", in: source) }
        expectError(.exists) { try file.root.copy("group", from: "little", in: source) }
        let links = try Fixture.open("links.h5").root
        expectError(.refusedLink(.external)) {
            try file.root.copy("x", from: "external/i4", in: links)
        }
    }

    @Test func groupsCopyWithAllThatIsBelow() throws {
        let source = try Fixture.open("copies.h5").root
        let file = try HDF5File(creatingInMemory: "copies")
        try file.root.copy("to/h", from: "g", in: source)
        for name in ["references", "lists"] {
            expectError(.unsupportedType) { try file.root.copy(name, from: name, in: source) }
        }
        expectError(.cycle) {
            try file.root.copy("a", from: "a", in: try Fixture.open("cycle.h5").root)
        }
        expectError(.tooDeep) {
            try file.root.copy("d", from: "d", in: try Fixture.open("deep.h5").root)
        }
        expectError(.refusedLink(.soft)) {
            try file.root.copy("b", from: "b", in: try Fixture.open("links.h5").root)
        }

        // Read as a foreign file, and as our own while it is open.
        let image = try HDF5File(image: try file.image(), name: "copy")
        for copy in [try image.root.group("to/h"), try file.root.group("to/h")] {
            let texts = try copy.dataset("texts")
            #expect(try texts.strings() == ["a", "Größe", ""])
            #expect(try texts.attributes.strings("names") == ["x", "y"])
            #expect(try copy.dataset("again").token == texts.token)
            let values = try copy.dataset("sub/values")
            #expect(try values.array(of: Float.self) == [0, 1, 2, 3, 4, 5])
            #expect(!values.hasNativeByteOrder)
            #expect(try values.attributes.string("unit") == "m")
            #expect(try copy.group("sub").attributes.info("empty").shape == [0])
            let gzip = try copy.dataset("gzip")
            #expect(gzip.filters == [.deflate(level: 4)])
            #expect(try gzip.array(of: Int.self) == Array(0..<9))
            #expect(try copy.dataset("no-texts").isNull)
        }
    }

    /// Two runs give the same bytes, also a moment later: nothing of the time is in the file.
    @Test(arguments: [HDF5CreationOptions.Format.earliest, .version110])
    func theSameContentGivesTheSameBytes(format: HDF5CreationOptions.Format) async throws {
        let directory = try TemporaryDirectory()
        func write(_ name: String) throws -> Data {
            let path = directory.path(name)
            let file = try HDF5File(
                creating: path, options: HDF5CreationOptions(format: format))
            try Self.fill(file)
            try file.close()
            return try Data(contentsOf: URL(filePath: path))
        }
        let first = try write("first.h5")
        try await Task.sleep(for: .milliseconds(1100))
        #expect(try write("second.h5") == first)
    }

    @Test func memoryAndDiskGiveTheSameBytes() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("disk.h5")
        let disk = try HDF5File(creating: path)
        try Self.fill(disk)
        try disk.close()
        let memory = try HDF5File(creatingInMemory: "memory.h5")
        try Self.fill(memory)
        #expect(try memory.image() == [UInt8](Data(contentsOf: URL(filePath: path))))
    }

    @Test func existingFilesAreReplacedOnlyOnRequest() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("file.h5")
        try HDF5File(creating: path).close()
        expectError(.exists) { _ = try HDF5File(creating: path) }
        try HDF5File(creating: path, replacing: true).close()
        expectError(.notFound) { _ = try HDF5File(creating: directory.path("no/file.h5")) }
    }

    static func fill(_ file: HDF5File) throws {
        let group = try file.root.createGroup("model_weights/conv")
        try group.attributes.setFixed("weight_names", to: ["kernel:0", "bias:0"])
        try file.root.attributes.set("model_config", to: "{\"größe\": 1}")
        try group.createDataset("bias", .float32, shape: [3]).write([Float](arrayLiteral: 1, 2, 3))
        let kernel = try group.createDataset(
            "kernel", .float32, shape: [64, 64], layout: .chunked(shape: [16, 64]),
            filters: [.shuffle, .deflate(level: 4)])
        try kernel.write((0..<4096).map { Float($0 % 7) })
        try group.createDataset("odd", .uint8, shape: [3]).write([UInt8](arrayLiteral: 1, 2, 3))
    }
}

extension Array {
    fileprivate func withUnsafeBytes<T: BinaryInteger>(
        as: T.Type, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows where Element == Int {
        try map { T(truncatingIfNeeded: $0) }.withUnsafeBytes(body)
    }
}
