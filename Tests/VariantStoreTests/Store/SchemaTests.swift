import Foundation
import Testing

@testable import VariantStore

/// What is written has the keys that `docs/schemas/` publishes.
@Suite struct SchemaTests {
    private func schema(_ name: String) throws -> JSONValue {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "docs/schemas/\(name).schema.json")
        return try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))
    }

    private func keys(_ value: JSONValue?) -> Set<String> {
        guard case .object(let members)? = value else { return [] }
        return Set(members.keys)
    }

    @Test func measurements() throws {
        let artifact = try ReferringArtifact(StoreFixture.measurement)
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(artifact.content))
        let schema = try schema("measurement")
        #expect(keys(value) == keys(schema["properties"]))
        for part in ["base", "variant", "machine"] {
            #expect(keys(value[part]) == keys(schema["properties"]?[part]?["properties"]))
        }
    }

    @Test func annotations() throws {
        let fixture = try StoreFixture()
        let store = try fixture.store()
        var publication = try fixture.publication(1)
        publication.manifest.profile.sha256 = VariantManifestTests.digest.sha256
        publication.manifest.recovery = RecoveryRecord(
            kind: "merge",
            calibration: RecoveryRecord.Calibration(
                sha256: VariantManifestTests.digest.sha256, samples: 1, seed: 1), layers: [])
        let version = try store.publish(publication).version
        let manifest = try schema("store")["$defs"]?["manifest"]?["properties"]
        #expect(
            Set(try store.artifact(version.digest).annotations.keys)
                == keys(manifest?["annotations"]?["properties"]))
        #expect(try store.verify(.all).holds)
    }
}
