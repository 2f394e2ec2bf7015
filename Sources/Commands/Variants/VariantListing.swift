import Foundation
import OrderedJSON
import VariantStore

/// One variant in a list: what its artifact's annotations say.
struct VariantListing {
    let version: VariantVersion
    let tags: [String]
    /// How many signatures it has; nobody checked them.
    let signatures: Int
    private let annotations: [String: String]
    /// Predicted in the profile's own context, milliseconds; nil if the profile has no device.
    private let inferenceMs: Double?

    /// The part of a manifest that a list shows; reading all of it for each of thousands would take long.
    private struct Record: Decodable {
        struct BeforeAfter: Decodable {
            var after: Costs
        }
        struct Costs: Decodable {
            var inferenceMs: Double?
            enum CodingKeys: String, CodingKey { case inferenceMs = "inference-ms" }
        }
        var costs: BeforeAfter
    }

    /// - Throws: `VariantStoreError` if the store no longer has it whole.
    init(
        _ version: VariantVersion, in store: StoreDirectory, snapshot: StoreSnapshot
    ) throws {
        self.version = version
        tags = snapshot.tags(of: version)
        signatures = snapshot.referrers(of: version.digest).count {
            $0.artifactType == OCI.signature
        }
        let artifact = try store.artifact(version.digest)
        annotations = artifact.annotations
        let record = try artifact.variantManifest.map {
            try store.content(of: $0.digest, limit: VariantManifest.largestByteCount)
        }
        // Of another version or damaged: the rest is worth showing.
        inferenceMs = record.flatMap {
            try? JSONDecoder().decode(Record.self, from: Data($0)).costs.after.inferenceMs
        }
    }

    private func count(_ annotation: String) -> Int? { annotations[annotation].flatMap { Int($0) } }

    private var accuracy: Double? {
        annotations[Annotation.accuracy].flatMap(Double.init)
    }
}

extension VariantListing {
    /// For people: a table.
    static func lines(_ listings: [VariantListing]) -> [String] {
        var table = TextTable([.left, .left, .right, .right, .right, .right, .left])
        table.add(
            "variant", "tags", "file", "multiply-adds", "accuracy", "inference", "signatures")
        for listing in listings {
            table.add(
                listing.version.text, listing.tags.joined(separator: ", "),
                listing.count(Annotation.fileBytes).map(Measure.bytes) ?? "–",
                listing.count(Annotation.multiplyAdds).map(Measure.count) ?? "–",
                listing.accuracy.map(BudgetText.accuracy) ?? "–",
                listing.inferenceMs.map(Measure.milliseconds) ?? "–",
                listing.signatures == 0 ? "none" : "\(listing.signatures)")
        }
        return table.lines(indent: 0)
    }

    /// For programs.
    var json: JSON {
        [
            "reference": .string(version.text), "model": .string(version.name.model),
            "profile": .string(version.name.profile), "version": .integer(version.number),
            "digest": .string(version.digest.text), "tags": .texts(tags),
            "base-sha256": .optional(annotations[Annotation.base]),
            "file-bytes": .optional(count(Annotation.fileBytes)),
            "parameters": .optional(count(Annotation.parameters)),
            "multiply-adds": .optional(count(Annotation.multiplyAdds)),
            "peak-memory-bytes": .optional(count(Annotation.peakMemory)),
            "accuracy": .optional(accuracy), "inference-ms": .optional(inferenceMs),
            "signatures": .integer(signatures),
        ]
    }
}
