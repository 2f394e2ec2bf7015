import HDF5
import Testing

/// Values of every type that h5py writes; expectations from `make_fixtures.py`.
@Suite struct ReadValuesTests {
    let root: HDF5Group

    init() throws {
        root = try Fixture.open("types.h5").root
    }

    @Test(arguments: ["little", "big"]) func integers(order: String) throws {
        let group = try root.group(order)
        let signed = [-3, -2, -1, 0, 1, 2]
        func check<I: FixedWidthInteger & BitwiseCopyable>(
            _ name: String, _ type: HDF5ElementType, _: I.Type, _ expected: [I]
        ) throws {
            let dataset = try group.dataset(name)
            #expect(dataset.elementType == type)
            #expect(dataset.shape == [2, 3])
            #expect(dataset.byteCount == 6 * MemoryLayout<I>.size)
            #expect(dataset.hasNativeByteOrder == (order == "little" || I.bitWidth == 8))
            #expect(try dataset.array(of: I.self) == expected)
        }
        try check("i1", .int8, Int8.self, signed.map { Int8($0) })
        try check("i2", .int16, Int16.self, signed.map { Int16($0) })
        try check("i4", .int32, Int32.self, signed.map { Int32($0) })
        try check("i8", .int64, Int64.self, signed.map { Int64($0) })
        try check("u1", .uint8, UInt8.self, [0, 1, 2, 3, 4, .max])
        try check("u2", .uint16, UInt16.self, [0, 1, 2, 3, 4, .max])
        try check("u4", .uint32, UInt32.self, [0, 1, 2, 3, 4, .max])
        try check("u8", .uint64, UInt64.self, [0, 1, 2, 3, 4, .max])
    }

    @Test(arguments: ["little", "big"]) func floats(order: String) throws {
        let group = try root.group(order)
        let half = try group.dataset("f2")
        #expect(half.elementType == .float16)
        // IEEE binary16 by hand: -1.5, 0.25, 3, 65504, 0, -2.
        #expect(
            try half.array(of: UInt16.self) == [0xBE00, 0x3400, 0x4200, 0x7BFF, 0, 0xC000])
        let single = try group.dataset("f4")
        #expect(single.elementType == .float32)
        #expect(try single.array(of: Float.self) == [-1.5, 0.25, 3, 65504, 0, -2])
        let double = try group.dataset("f8")
        #expect(double.elementType == .float64)
        #expect(try double.array(of: Double.self) == [-1.5, 0.25, 3, 65504, 0, -2])
    }

    @Test func brainFloats() throws {
        // The upper halves of 1, -2 and 3.5 as binary32.
        let bits: [UInt16] = [0x3F80, 0xC000, 0x4060]
        let opaque = try root.dataset("bfloat16")
        #expect(opaque.elementType == .numpyBFloat16)
        #expect(try opaque.attributes.string("dtype") == "bfloat16")
        #expect(try opaque.array(of: UInt16.self) == bits)
        let float = try root.dataset("bfloat16-float")
        #expect(float.elementType == .bfloat16)
        #expect(try float.array(of: UInt16.self) == bits)
    }

    @Test func bools() throws {
        let dataset = try root.dataset("bool")
        #expect(dataset.elementType == .bool)
        #expect(try dataset.bytes() == [1, 0, 1])
    }

    @Test func scalarsAndNothing() throws {
        let scalar = try root.dataset("scalar")
        #expect(scalar.shape == [] && scalar.count == 1)
        #expect(try scalar.array(of: Float.self) == [7])
        let empty = try root.dataset("empty")
        #expect(empty.shape == [0, 4] && empty.count == 0 && !empty.isNull)
        #expect(try empty.array(of: Float.self) == [])
        let null = try root.dataset("null")
        #expect(null.isNull && null.count == 0)
        #expect(try null.bytes() == [])
    }

    @Test func texts() throws {
        #expect(try root.dataset("strings").strings() == ["a", "Größe", ""])
        let fixed = try root.dataset("fixed-strings")
        #expect(
            fixed.elementType == .fixedString(size: 4, padding: .nullPadded, encoding: .ascii))
        #expect(try fixed.strings() == ["abc", "de"])
        #expect(try fixed.bytes() == Array("abc\0de\0\0".utf8))
    }

    @Test func otherTypesAreNamedNotRead() throws {
        let compound = try root.dataset("compound")
        #expect(compound.elementType == .other(kind: "compound", size: 12))
        expectError(.unsupportedType) { _ = try compound.bytes() }
        expectError(.unsupportedType) { _ = try root.dataset("strings").bytes() }
        expectError(.unsupportedType) { _ = try root.dataset("little/f4").strings() }
        expectError(.unsupportedType) { _ = try root.dataset("little/f4").array(of: Double.self) }
    }

    @Test func neverWrittenValuesAreTheFillValue() throws {
        let dataset = try root.dataset("never-written")
        #expect(try dataset.storageSize == 0)
        #expect(try dataset.fileOffset == nil)
        #expect(try dataset.array(of: Float.self) == [9, 9, 9, 9])
    }

    @Test func aBufferOfTheWrongSizeIsRefused() throws {
        let dataset = try root.dataset("little/f4")
        var bytes = [UInt8](repeating: 0, count: 23)
        expectError(.wrongShape) { try bytes.withUnsafeMutableBytes { try dataset.read(into: $0) } }
    }

    @Test func aFileInMemoryReadsTheSame() throws {
        let bytes = try Fixture.bytes("types.h5")
        // Two of the same name must not be taken for one file.
        let first = try HDF5File(image: bytes, name: "weights.h5")
        let second = try HDF5File(image: try Fixture.bytes("storage.h5"), name: "weights.h5")
        #expect(try first.root.dataset("scalar").array(of: Float.self) == [7])
        #expect(try second.root.dataset("bytes").bytes() == [0, 1, 2, 3, 4])
        let offset = try #require(try first.root.dataset("little/f8").fileOffset)
        #expect(Array(bytes[offset..<offset + 8]) == [0, 0, 0, 0, 0, 0, 0xF8, 0xBF])
        try first.close()
        try second.close()
    }
}
