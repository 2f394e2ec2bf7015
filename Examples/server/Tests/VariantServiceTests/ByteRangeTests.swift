import Testing

@testable import VariantService

/// Cases of RFC 9110, section 14, on a file of 1000 bytes.
@Suite struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=0-499", 0..<500), ("bytes=500-999", 500..<1000),
        ("bytes=500-", 500..<1000), ("bytes=-500", 500..<1000), ("bytes=-5000", 0..<1000),
        ("bytes=999-5000", 999..<1000), ("bytes=0-99999999999999999999", 0..<1000),
        ("BYTES=1-2", 1..<3), ("bytes= 1-2 ", 1..<3),
    ])
    func aPartOfTheFile(header: String, part: Range<Int>) {
        #expect(ByteRange(header, byteCount: 1000) == .part(part))
    }

    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=2-1", "bytes=1-2,5-6",
        "bytes=1-2,", "items=0-1", "bytes=--1", "bytes=+1-2", "bytes=0x1-2", "bytes=1 - 2",
        "bytes=1-2-3", "bytes=-a", "bytes=a-",
    ])
    func whatIsNoSingleRangeIsAnsweredByAll(header: String?) {
        #expect(ByteRange(header, byteCount: 1000) == .whole)
    }

    @Test(arguments: [
        "bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999-",
    ])
    func bytesThatTheFileDoesNotHave(header: String) {
        #expect(ByteRange(header, byteCount: 1000) == .unsatisfiable)
    }

    @Test func anEmptyFileHasNoPart() {
        #expect(ByteRange("bytes=0-", byteCount: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", byteCount: 0) == .unsatisfiable)
        #expect(ByteRange(nil, byteCount: 0) == .whole)
    }
}

@Suite struct EntityTagTests {
    private let tag = EntityTag(digest: "sha256:ab")

    @Test(arguments: [
        ("\"sha256:ab\"", true, true), ("W/\"sha256:ab\"", true, false), ("*", true, true),
        ("\"x\", \"sha256:ab\"", true, true), ("\"a,b\" ,W/\"sha256:ab\"", true, false),
        ("", false, false), ("\"x\"", false, false), ("sha256:ab", false, false),
        ("\"sha256:ab", false, false), (", ,\"sha256:ab\"", true, true),
        ("\"sha256:abc\"", false, false),
    ])
    func aListHasATag(list: String, weakly: Bool, strongly: Bool) {
        #expect(tag.isIn(list, strongly: false) == weakly)
        #expect(tag.isIn(list, strongly: true) == strongly)
    }
}
