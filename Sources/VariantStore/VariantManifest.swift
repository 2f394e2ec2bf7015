package import Contexts

/// What a variant is: where it comes from, what was done, what it costs, and what proves that it is right.
///
/// It stands beside the variant's file. Everything in it follows from the inputs alone: no clock, no
/// folder, nothing that was measured on a machine. `docs/manifest.md` explains the keys.
package struct VariantManifest: Sendable, Equatable {
    /// The version of the stored form that this code reads and writes.
    package static let currentSchema = 1
    /// What marks a JSON document as a manifest.
    package static let kind = "espalier-variant"
    /// What the manifest's file name adds to the variant's.
    package static let fileSuffix = ".manifest.json"

    package var tool: Tool
    package var base: Base
    package var variant: File
    package var profile: ProfileRecord
    /// The pruning plan as `Pruning` stores it; it can be replayed.
    package var plan: JSONValue
    package var costs: BeforeAfter
    /// What the cost model needs to predict the variant's costs in any context.
    package var workload: WorkloadSummary
    package var folds: [FoldRecord]
    /// nil if weights that stay were not touched.
    package var recovery: RecoveryRecord?
    package var proof: ProofRecord
    /// nil if nobody evaluated.
    package var accuracy: AccuracyRecord?
    /// nil without data.
    package var agreement: AgreementRecord?

    package init(
        tool: Tool, base: Base, variant: File, profile: ProfileRecord, plan: JSONValue,
        costs: BeforeAfter, workload: WorkloadSummary, folds: [FoldRecord],
        recovery: RecoveryRecord? = nil, proof: ProofRecord, accuracy: AccuracyRecord? = nil,
        agreement: AgreementRecord? = nil
    ) {
        self.tool = tool
        self.base = base
        self.variant = variant
        self.profile = profile
        self.plan = plan
        self.costs = costs
        self.workload = workload
        self.folds = folds
        self.recovery = recovery
        self.proof = proof
        self.accuracy = accuracy
        self.agreement = agreement
    }
}

extension VariantManifest {
    /// What made the variant.
    package struct Tool: Sendable, Equatable, Codable {
        package var name: String
        package var version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// A model's file, known by its content; the name is without a folder.
    package struct File: Sendable, Equatable, Codable {
        package var name: String
        /// 64 hexadecimal digits.
        package var sha256: String
        package var byteCount: Int
        package var parameters: Int
        package var multiplyAdds: Int

        package init(name: String, digest: FileDigest, parameters: Int, multiplyAdds: Int) {
            self.name = name
            sha256 = digest.sha256
            byteCount = digest.byteCount
            self.parameters = parameters
            self.multiplyAdds = multiplyAdds
        }

        /// What the file's content is.
        package var digest: FileDigest { FileDigest(sha256: sha256, byteCount: byteCount) }

        enum CodingKeys: String, CodingKey {
            case name = "file"
            case sha256
            case byteCount = "bytes"
            case parameters
            case multiplyAdds = "multiply-adds"
        }
    }

    /// The model that the variant was pruned from.
    package struct Base: Sendable, Equatable, Codable {
        /// The network's own name.
        package var model: String
        package var file: File
        /// Sizes that were given for the inputs because the model leaves them open, batch first and open; nil if none were.
        package var inputShapes: [[Int?]]?

        package init(model: String, file: File, inputShapes: [[Int?]]? = nil) {
            self.model = model
            self.file = file
            self.inputShapes = inputShapes
        }

        enum CodingKeys: String, CodingKey {
            case model
            case inputShapes = "input-shapes"
        }

        /// The file's keys stand beside the others.
        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            model = try container.decode(String.self, forKey: .model)
            inputShapes = try container.decodeIfPresent([[Int?]].self, forKey: .inputShapes)
            file = try File(from: decoder)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(model, forKey: .model)
            try container.encodeIfPresent(inputShapes, forKey: .inputShapes)
            try file.encode(to: encoder)
        }
    }

    /// Costs in the profile's context, of the base and of the variant.
    package struct BeforeAfter: Sendable, Equatable, Codable {
        package var before: Costs
        package var after: Costs

        package init(before: Costs, after: Costs) {
            self.before = before
            self.after = after
        }
    }
}
