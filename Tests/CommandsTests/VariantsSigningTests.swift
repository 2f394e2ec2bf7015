import Foundation
import OrderedJSON
import Testing
import VariantStore

/// `prune variants keygen` and `sign`, and what openssl says of them.
///
/// `scripts/install.sh --tests` installs openssl; the tests fail without it.
@Suite struct VariantsSigningTests {
    private let line = SampleStore.line

    private func keygen(_ sample: SampleStore, _ name: String = "release") throws -> String {
        let path = sample.folder.appending(path: name).path
        let result = try Prune.run(["variants", "keygen", "--output", path])
        #expect(result.status == 0, "\(result.error)")
        return path
    }

    @Test func keysAreTheOwnersAlone() throws {
        let sample = try SampleStore()
        let path = try keygen(sample)
        let attributes = try FileManager.default.attributesOfItem(atPath: path + ".pem")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let again = try Prune.run(["variants", "keygen", "--output", path])
        #expect(again.status == 73)
        try FileManager.default.removeItem(atPath: path + ".pem")
        // Neither of a pair is replaced, and none is left alone.
        #expect(try Prune.run(["variants", "keygen", "--output", path]).status == 73)
        #expect(!FileManager.default.fileExists(atPath: path + ".pem"))
        let nowhere = try Prune.run(["variants", "keygen", "--output", "/nowhere/key"])
        #expect(nowhere.status == 73)
    }

    @Test func opensslReadsTheKeys() throws {
        let sample = try SampleStore()
        let path = try keygen(sample)
        let result = try Prune.shell(
            "openssl pkey -in \"$1.pem\" -pubout | cmp - \"$1.pub.pem\" && "
                + "openssl pkey -pubin -in \"$1.pub.pem\" -outform DER | sha256sum | cut -c1-64",
            [path])
        #expect(result.status == 0, "\(result.error)")
        #expect(
            result.output.trimmingCharacters(in: .newlines)
                == (try VerificationKey(readingFrom: path + ".pub.pem").id))
    }

    @Test func signaturesAreShown() throws {
        let sample = try SampleStore()
        let path = try keygen(sample)
        let id = try VerificationKey(readingFrom: path + ".pub.pem").id
        for _ in 0..<2 {
            let signed = try sample.run("sign", line, "--key", path + ".pem")
            #expect(signed.status == 0, "\(signed.error)")
            #expect(signed.output.hasSuffix("by key \(id).\n"))
        }
        let shown = try sample.run("show", line, "--format", "json")
        let value = try JSON(parsing: shown.output)
        #expect(try Schema(of: "variants-show").faults(value) == [])
        // Signing twice gives the same bytes, and they are stored once.
        #expect(value["signatures"]?.array?.map { $0["key-ids"] } == [[.string(id)]])
        #expect(try sample.run("show", line).output.contains("Signed by key \(id);"))
    }

    /// A signature made by us, over what the store holds, checked by openssl from the files alone.
    @Test func opensslChecksSignatures() throws {
        let sample = try SampleStore()
        let path = try keygen(sample)
        #expect(try sample.run("sign", line, "--key", path + ".pem").status == 0)
        let digest = try sample.store.variant(line).digest
        let signature = try #require(try sample.store.signatures(of: digest).first)
        let envelope = try JSON(parsing: signature.envelope)
        let blob = "\(sample.path)/blobs/sha256/\(digest.hexadecimal)"
        let result = try Prune.shell(
            """
            cd "$1" && size=$(stat -c %s "$2") && type=application/vnd.oci.image.manifest.v1+json
            { printf 'DSSEv1 %d %s %d ' ${#type} $type $size; cat "$2"; } > message
            printf %s "$3" | base64 -d > sig
            openssl pkeyutl -verify -rawin -pubin -inkey "$4.pub.pem" -in message -sigfile sig
            """,
            [
                sample.folder.path, blob,
                try #require(envelope["signatures"]?[0]?["sig"]?.string), path,
            ])
        #expect(result.status == 0, "\(result.error) \(result.output)")
    }

    @Test func badKeys() throws {
        let sample = try SampleStore()
        let path = try keygen(sample)
        func sign(_ key: String) throws -> Prune.Result {
            try sample.run("sign", line, "--key", key)
        }
        func expect(_ key: String, status: Int32, saying text: String) throws {
            let result = try sign(key)
            #expect(result.status == status)
            #expect(result.error == "error: \(key): \(text)\n")
        }
        try expect(path, status: 66, saying: "there is no such file")
        try expect(
            path + ".pub.pem", status: 65,
            saying:
                "others may read or change this private key (mode 644); chmod 600 makes it the owner's alone"
        )
        #expect(chmod(path + ".pub.pem", 0o600) == 0)
        try expect(
            path + ".pub.pem", status: 65, saying: "this is a public key; a private key is needed")
        let text = sample.folder.appending(path: "text").path
        try Data("text".utf8).write(to: URL(filePath: text))
        #expect(chmod(text, 0o600) == 0)
        try expect(
            text, status: 65, saying: "this is no key: one PEM block (-----BEGIN …) is expected")
        let other = try Prune.shell(
            "cd $1 && umask 077 && openssl genpkey -algorithm X25519 -out x.pem",
            [sample.folder.path])
        #expect(other.status == 0, "\(other.error)")
        try expect(
            sample.folder.appending(path: "x.pem").path, status: 65,
            saying:
                "this is no Ed25519 key; prune variants keygen makes one, openssl genpkey -algorithm ed25519 too"
        )
        #expect(try sample.store.signatures(of: sample.store.variant(line).digest).isEmpty)
    }
}
