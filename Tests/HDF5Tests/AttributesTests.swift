import HDF5
import Testing

/// Attributes that h5py wrote; expectations from `make_fixtures.py`.
@Suite struct AttributesTests {
    let attributes: HDF5Attributes
    let root: HDF5Group

    init() throws {
        root = try Fixture.open("attributes.h5").root
        attributes = root.attributes
    }

    @Test func names() throws {
        let names = try attributes.names()
        #expect(names.count == 18)
        #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(try attributes.contains("text"))
        #expect(try !attributes.contains("texts "))
    }

    @Test func texts() throws {
        #expect(try attributes.string("text") == "Größe")
        #expect(try attributes.string("bytes") == "plain")
        #expect(try attributes.strings("texts") == ["conv", "größer", ""])
        #expect(try attributes.strings("fixed-texts") == ["kernel:0", "bias:0"])
        #expect(try attributes.string("null-terminated") == "abc")
        #expect(try attributes.string("space-padded") == "ab c")
        #expect(try root.dataset("d").attributes.string("on") == "dataset")
    }

    @Test func emptyListsHaveNoType() throws {
        let info = try attributes.info("no-texts")
        #expect(info.shape == [0] && info.elementType == .float64 && !info.isNull)
        #expect(try attributes.strings("no-texts") == [])
        #expect(try attributes.info("null").isNull)
        #expect(try attributes.strings("null") == [])
    }

    @Test func numbers() throws {
        #expect(try attributes.integers("int") == [42])
        #expect(try attributes.info("ints").shape == [2, 2])
        #expect(try attributes.integers("ints") == [1, 2, 3, 4])
        expectError(.tooLarge) { _ = try attributes.integers("big") }
        #expect(try attributes.doubles("float") == [0.5])
        #expect(try attributes.doubles("floats") == [0.5, -1.25])
        #expect(try attributes.doubles("half") == [1.5])
        #expect(try attributes.doubles("int") == [42])
        #expect(try attributes.bools("bool") == [true])
        #expect(try attributes.bools("bools") == [true, false])
        #expect(try attributes.integers("bools") == [1, 0])
    }

    @Test func whatIsAskedMustBeThere() throws {
        let error = expectError(.notFound) { _ = try attributes.string("nothing") }
        #expect(error?.path == "/@nothing")
        expectError(.wrongShape) { _ = try attributes.string("texts") }
        expectError(.unsupportedType) { _ = try attributes.strings("int") }
        expectError(.unsupportedType) { _ = try attributes.integers("float") }
        expectError(.unsupportedType) { _ = try attributes.doubles("text") }
        expectError(.unsupportedType) { _ = try attributes.bools("int") }
        expectError(.invalidText) { _ = try attributes.string("not-utf-8") }
        expectError(.invalidText) { _ = try attributes.string("te\0xt") }
    }

    @Test func writtenAttributesReadBack() throws {
        let file = try HDF5File(creatingInMemory: "written")
        let written = file.root.attributes
        try written.set("text", to: "Größe")
        try written.set("text", to: "größer")
        try written.set("texts", to: ["conv", "", "ünï"])
        try written.set("no-texts", to: [String]())
        try written.setFixed("fixed", to: ["kernel:0", "b", ""])
        try written.setFixed("no-fixed", to: [])
        try written.set("int", to: Int.min)
        try written.set("ints", to: [1, -2])
        try written.set("double", to: 0.1)
        try written.set("doubles", to: [0.1, .infinity])
        try written.set("bool", to: true)
        try written.setEmpty("empty")
        let image = try file.image()
        try file.close()

        let read = try HDF5File(image: image, name: "read").root.attributes
        #expect(try read.string("text") == "größer")
        #expect(try read.info("text").shape == [])
        #expect(try read.info("text").elementType == .variableString(encoding: .utf8))
        #expect(try read.strings("texts") == ["conv", "", "ünï"])
        #expect(try read.strings("no-texts") == [])
        #expect(try read.info("no-texts").elementType == .variableString(encoding: .utf8))
        #expect(
            try read.info("fixed").elementType
                == .fixedString(size: 8, padding: .nullPadded, encoding: .ascii))
        #expect(try read.strings("fixed") == ["kernel:0", "b", ""])
        #expect(try read.info("no-fixed") == read.info("empty"))
        #expect(try read.integers("int") == [.min])
        #expect(try read.integers("ints") == [1, -2])
        #expect(try read.doubles("double") == [0.1])
        #expect(try read.doubles("doubles") == [0.1, .infinity])
        #expect(try read.bools("bool") == [true])
        #expect(try read.info("empty").shape == [0])
        #expect(try read.info("empty").elementType == .float64)
    }

    @Test func whatAHeaderCannotHoldIsItsOwnError() throws {
        let file = try HDF5File(creatingInMemory: "large")
        let attributes = file.root.attributes
        let names = (0..<8000).map { "layer_\($0)" }
        expectError(.attributeTooLarge) { try attributes.setFixed("names", to: names) }
        expectError(.attributeTooLarge) { try attributes.set("names", to: names) }
        #expect(try attributes.names() == [])
        // Text of any length lies outside of the header.
        let long = String(repeating: "x", count: 200_000)
        try attributes.set("config", to: long)
        #expect(try attributes.string("config") == long)
        expectError(.invalidText) { try attributes.set("zero", to: "a\0b") }
        try file.close()

        let newer = try HDF5File(
            creatingInMemory: "large", options: HDF5CreationOptions(format: .version110))
        try newer.root.attributes.setFixed("names", to: names)
        #expect(try newer.root.attributes.strings("names") == names)
    }

    @Test func allAttributesCopyUnchanged() throws {
        let file = try HDF5File(creatingInMemory: "copy")
        for name in try attributes.names() where name != "reference" {
            try file.root.attributes.copy(name, from: attributes)
        }
        expectError(.unsupportedType) {
            try file.root.attributes.copy("reference", from: attributes)
        }
        let copy = file.root.attributes
        for name in try copy.names() {
            #expect(try copy.info(name) == attributes.info(name))
        }
        #expect(try copy.names().count == 17)
        #expect(try copy.strings("texts") == ["conv", "größer", ""])
        #expect(try copy.strings("fixed-texts") == ["kernel:0", "bias:0"])
        #expect(try copy.integers("ints") == [1, 2, 3, 4])
        expectError(.tooLarge) { _ = try copy.integers("big") }
        try copy.remove("text")
        expectError(.notFound) { _ = try copy.string("text") }
    }
}
