import Foundation
import OrderedJSON
import Testing
import VariantStore

/// What an OCI tool that knows nothing of Espalier does with a store.
///
/// `scripts/install.sh --tests` installs skopeo; the tests fail without it.
@Suite struct VariantsInteroperabilityTests {
    private let line = SampleStore.line

    @Test func skopeoInspects() throws {
        let sample = try SampleStore()
        let result = try Prune.shell(
            "skopeo inspect --raw \"oci:$1:$2:v1\"", [sample.path, line])
        #expect(result.status == 0, "\(result.error)")
        let digest = try sample.store.variant("\(line):v1").digest
        #expect(BlobDigest(of: Data(result.output.utf8)) == digest)
        let manifest = try JSON(parsing: result.output)
        #expect(manifest["artifactType"] == "application/vnd.cncf.model.manifest.v1+json")
        #expect(manifest["annotations"]?["dev.espalier.profile"] == "phone-4g")
        #expect(manifest["annotations"]?["dev.espalier.proof-holds"] == "true")
    }

    /// A copy that skopeo made is a store, though it has no names but the one that skopeo gave.
    @Test func skopeoCopies() throws {
        let sample = try SampleStore()
        let copy = sample.folder.appending(path: "copy").path
        let result = try Prune.shell(
            "skopeo copy -q \"oci:$1:$2:v1\" \"oci:$3:$2:v1\"", [sample.path, line, copy])
        #expect(result.status == 0, "\(result.error)")
        let copied = try StoreDirectory(opening: copy)
        let version = try copied.variant("\(line):v1")
        #expect(version.digest == (try sample.store.variant("\(line):v1").digest))
        #expect(
            try copied.manifest(of: version)
                == sample.store.manifest(of: sample.store.variant("\(line):v1")))
        _ = try copied.openWeights(of: version, lease: false)
        // There is no `latest`, and none is needed.
        for arguments in [["show", line], ["show", "\(line):v1"], ["list", line]] {
            let shown = try Prune.run(["variants"] + arguments + ["--store", copy])
            #expect(shown.status == 0, "\(shown.error)")
            #expect(shown.output.contains("\(line):v1"))
        }
        // The base was not copied.
        let base = try #require(try sample.store.snapshot().bases.first).digest
        let verified = try Prune.run(["variants", "verify", "--store", copy])
        #expect(verified.status == 1)
        #expect(verified.error == "error: \(line):v1: the store lacks \(base.text)\n")
        // Writing makes what is missing.
        #expect(
            try Prune.run(["variants", "tag", "\(line):v1", "mine", "--store", copy]).status == 0)
        #expect(try copied.variant("\(line):mine") == version)
    }
}
