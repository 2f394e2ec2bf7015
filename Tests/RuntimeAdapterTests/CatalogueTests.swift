import Contexts
import Foundation
import Testing
import VariantStore

@testable import RuntimeAdapter

/// Catalogues of a store, as a server opens them.
@Suite struct CatalogueTests {
    /// A folder with a base's file, a store, and the sample manifest of `docs/`.
    private final class Fixture {
        let folder: URL
        let store: StoreDirectory
        let sample: VariantManifest
        private let base: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "adapter-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            base = folder.appending(path: "net.h5")
            try Data(repeating: 7, count: 680_528).write(to: base)
            store = try StoreDirectory.create(at: folder.appending(path: "store").path)
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            sample = try VariantManifest(
                readingFrom: root.appending(path: "docs/samples/manifest-1.json").path)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        @discardableResult
        func publish(_ line: String, accuracy: Double? = 0.9, size: Int = 1000) throws -> Published
        {
            let content = Data(repeating: UInt8(size % 251), count: size)
            let weights = folder.appending(path: "\(UUID()).h5")
            try content.write(to: weights)
            var manifest = sample
            manifest.base.file = VariantManifest.File(
                name: "net.h5", digest: try FileDigest(ofFile: base.path), parameters: 139_146,
                multiplyAdds: 10_828_032)
            manifest.variant = VariantManifest.File(
                name: "net.p.h5", digest: FileDigest(of: content), parameters: 54_434,
                multiplyAdds: 5_411_688)
            manifest.accuracy = accuracy.map {
                AccuracyRecord(
                    metric: "top-1", dataSHA256: manifest.base.file.sha256, samples: 100,
                    before: 0.95, after: $0)
            }
            return try store.publish(
                VariantPublication(
                    name: VariantName(parsing: line), manifest: manifest, weights: weights.path,
                    base: base.path, inputs: FileDigest(of: Data("\(line)\(size)".utf8)).sha256))
        }
    }

    @Test func readsVariantsAndBases() throws {
        let fixture = try Fixture()
        try fixture.publish("net/phone-4g", accuracy: 0.9, size: 1000)
        try fixture.publish("net/phone-4g", accuracy: 0.91, size: 1001)
        try fixture.publish("net/laptop", accuracy: nil, size: 2000)
        let catalogue = try VariantCatalogue(store: fixture.store.path)
        #expect(catalogue.refusals.isEmpty)
        #expect(
            catalogue.candidates.map { $0.reference.prefix(12) } == [
                "net:base-" + catalogue.candidates[0].fileDigest.dropFirst(7).prefix(3),
                "net/phone-4g", "net/laptop:v",
            ])
        #expect(catalogue.candidates.map(\.accuracy) == [0.95, 0.91, nil])
        #expect(catalogue.candidates.map(\.fileBytes) == [680_528, 1001, 2000])
        #expect(catalogue.devices.devices.map(\.name) == ["phone-4g"])
        let all = try VariantCatalogue(store: fixture.store.path, versions: .all)
        #expect(all.candidates.count == 4)
        let tagged = try VariantCatalogue(store: fixture.store.path, versions: .tag("champion"))
        #expect(tagged.candidates.isEmpty)
    }

    /// On the profile's own device the base takes what the planner predicted for it.
    @Test func basesArePredictedFromTheirVariants() throws {
        let fixture = try Fixture()
        try fixture.publish("net/phone-4g")
        let selector = VariantSelector(try VariantCatalogue(store: fixture.store.path))
        let context = RequestContext(device: RequestContext.Device(deviceClass: "phone-4g"))
        let selection = selector.select(context)
        #expect(selection.candidate?.kind == .base)
        #expect(selection.candidate?.decodedBytes == 139_146 * 4)
        #expect(abs((selection.inference?.meanMs ?? 0) - 2.207_347_7) < 1e-4)
        // Its uncertainty is that of an estimate.
        let upper = try #require(selection.inference).upperMs
        #expect(abs(upper / 2.207_347_7 - 1.4) < 1e-4)
    }

    @Test func damagedOnesAreLeftOut() throws {
        let fixture = try Fixture()
        let published = try fixture.publish("net/phone-4g")
        try fixture.publish("net/laptop", size: 3000)
        let layer = try #require(
            try fixture.store.artifact(published.version.digest).variantManifest)
        let blob = fixture.folder.appending(
            path: "store/blobs/sha256/\(layer.digest.hexadecimal)")
        try FileManager.default.removeItem(at: blob)
        try Data("{}".utf8).write(to: blob)
        let catalogue = try VariantCatalogue(store: fixture.store.path)
        #expect(catalogue.candidates.contains { $0.reference == "net/laptop:v1" })
        #expect(catalogue.refusals.map(\.reference) == ["net/phone-4g:v1"])
        #expect(catalogue.refusals.map(\.code) == [.damaged])
    }

    @Test func unsignedOnesAreRefusedIfThatIsAsked() throws {
        let fixture = try Fixture()
        try fixture.publish("net/phone-4g")
        let strict = try TrustPolicy(publicKeys: [], requiresSignature: true)
        let catalogue = try VariantCatalogue(store: fixture.store.path, trust: strict)
        #expect(catalogue.candidates.map(\.trust) == [.refused, .refused])
        #expect(VariantSelector(catalogue).select(RequestContext()).step == .remote)
        let lenient = try TrustPolicy(publicKeys: [], requiresSignature: false)
        let trusting = try VariantCatalogue(store: fixture.store.path, trust: lenient)
        #expect(trusting.candidates.map(\.trust) == [.accepted, .accepted])
        #expect(throws: CatalogueError.self) {
            try TrustPolicy(publicKeys: ["no key"], requiresSignature: true)
        }
    }

    @Test func whatIsNoStoreIsSaid() {
        func code(_ path: String) -> CatalogueError.Code? {
            do throws(CatalogueError) {
                _ = try VariantCatalogue(store: path)
                return nil
            } catch { return error.code }
        }
        #expect(code("/nonexistent/store") == .noStore)
        #expect(code(FileManager.default.temporaryDirectory.path) == .noStore)
    }

    @Test func manifestsAreReadByThemselves() throws {
        let fixture = try Fixture()
        let candidate = try CandidateDescription(
            manifest: Array(fixture.sample.encoded()), model: "net", reference: "net/p:v1",
            digest: Sample.digest(1))
        #expect(candidate.fileBytes == fixture.sample.variant.byteCount)
        #expect(!candidate.isEstimated)
        do throws(ManifestError) {
            _ = try CandidateDescription(
                manifest: Array("{\"kind\":\"espalier-variant\",\"schema\":9}".utf8), model: "net",
                reference: "r", digest: "d")
            Issue.record("a manifest from the future was read")
        } catch { #expect(error.code == .tooNew) }
    }
}
