import Testing

@testable import VariantStore

@Suite struct NameTests {
    @Test(arguments: ["net/phone-4g", "net_1.2/phone+half", "a/b", "resnet50/x.y-z_0"])
    func namesThatAre(text: String) throws {
        #expect(try VariantName(parsing: text).text == text)
    }

    @Test(arguments: [
        "", "/", "net", "net/", "/p", "a/b/c", "../b", "a/..", "a/.b", "a/b.", "A/b", "a/b--c",
        "a/b c",
        "a/b:c", "a/\u{E9}", "a/b\n", "a\0/b",
    ])
    func namesThatAreNot(text: String) {
        #expect(throws: VariantStoreError(.badName, file: text)) { try VariantName(parsing: text) }
    }

    @Test func partsAreBounded() {
        #expect(VariantName.isPart(String(repeating: "a", count: 128)))
        #expect(!VariantName.isPart(String(repeating: "a", count: 129)))
    }

    @Test(arguments: [
        ("My Net (v2)", "my-net-v2"), ("ResNet50", "resnet50"), ("a__b", "a_b"), ("..x..", "x"),
    ])
    func partsOfOtherTexts(text: String, part: String) {
        #expect(VariantName.part(from: text) == part)
        #expect(VariantName.isPart(part))
    }

    @Test func nothingIsNoPart() { #expect(VariantName.part(from: "../") == nil) }

    @Test func references() throws {
        let name = try VariantName(parsing: "net/phone")
        let cases: [(String, VariantReference)] = [
            ("net/phone", .tag(name, "latest")), ("net/phone:v12", .version(name, 12)),
            ("net/phone:champion", .tag(name, "champion")), ("net/phone:v1a", .tag(name, "v1a")),
            ("net:base-0123456789ab", .base(model: "net", prefix: "0123456789ab")),
            ("sha256:ab", .digest(prefix: "ab")), ("0123abc", .digest(prefix: "0123abc")),
        ]
        for (text, reference) in cases {
            #expect(try VariantReference(parsing: text) == reference)
            #expect(try VariantReference(parsing: reference.text) == reference)
        }
    }

    @Test(arguments: [
        "", "net", "abc123", "net:v1", "net:base-", "net:base-xyz", "net/phone:", "net/phone:v0",
        "net/phone:v01", "net/phone:base-1", "net/phone:a:b", "sha256:", "sha256:XY",
        "net/phone:v99999999999999999999",
    ])
    func noReferences(text: String) {
        #expect(throws: VariantStoreError(.badName, file: text)) {
            try VariantReference(parsing: text)
        }
    }

    @Test func digests() {
        let text = "sha256:" + VariantManifestTests.digest.sha256
        #expect(BlobDigest(text)?.text == text)
        #expect(BlobDigest(of: [UInt8]("abc".utf8)).text == text)
        for bad in [
            "", "sha256:", "sha512:00", text.uppercased(), text + "0", text.dropLast() + "/",
        ] {
            #expect(BlobDigest(bad) == nil)
        }
    }
}
