import Foundation
import Testing
import VariantStore

@Suite struct FileDigestTests {
    /// Source: FIPS 180-2, appendix B.
    @Test(arguments: [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
    func knownDigests(text: String, digest: String) {
        #expect(FileDigest(of: Data(text.utf8)).sha256 == digest)
    }

    /// A million times `a`, FIPS 180-2, appendix B.3: more than one piece of a file.
    @Test func filesOfSeveralPieces() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).bin")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(repeating: UInt8(ascii: "a"), count: 1_000_000).write(to: file)
        let digest = try FileDigest(ofFile: file.path)
        #expect(
            digest.sha256 == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(digest.byteCount == 1_000_000)
    }

    @Test func fileThatIsNotThere() {
        #expect(throws: VariantStoreError(.unreadable(errno: 2), file: "/nowhere")) {
            try FileDigest(ofFile: "/nowhere")
        }
    }
}
