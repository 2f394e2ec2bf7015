import Contexts
import Foundation
import KerasFormat
import OrderedJSON
import Planning
import VariantStore

/// All that a variant depends on: equal inputs give the same variant.
///
/// What makes no difference to its bytes is not among it: where files stand, what is measured on the machine, how many threads compute.
struct VariantInputs: Encodable, Equatable {
    let tool: VariantManifest.Tool
    let base: VariantManifest.Base
    /// SHA-256 of the base's topology, which may stand in a file of its own.
    let topologySHA256: String
    /// The profile as in force; its budget lines say limits, and nothing of what is achieved.
    let profile: ProfileRecord
    /// The name of the variant's file.
    let file: String
    let calibration: RecoveryRecord.Calibration?
    /// SHA-256 of what variants are scored on, with its labels.
    let scoredSHA256: String?
    /// SHA-256 of the plan that is carried out in place of planning.
    let planSHA256: String?
    /// Inputs of the proof; 0 for none.
    let proofInputs: Int
    /// What random inputs and the choice of samples depend on.
    let seed: UInt64

    enum CodingKeys: String, CodingKey {
        case tool, base, profile, file, calibration, seed
        case topologySHA256 = "topology-sha256"
        case scoredSHA256 = "scored-sha256"
        case planSHA256 = "plan-sha256"
        case proofInputs = "proof-inputs"
    }

    /// The inputs of the variant that a bench makes for a context.
    ///
    /// - Parameters:
    ///   - file: the name of the variant's file, without a folder.
    ///   - plan: the file of a plan that is carried out in place of planning.
    /// - Throws: what reading the files and the data throws.
    init(_ bench: Bench, _ context: PruningContext, file: String, plan: String? = nil) throws {
        let (workshop, evidence) = (bench.workshop, bench.evidence)
        tool = VariantManifest.Tool(name: Espalier.name, version: Espalier.version)
        base = try workshop.baseRecord()
        topologySHA256 = FileDigest(of: Data(workshop.base.topology.text().utf8)).sha256
        profile = ProfileRecord(
            context.profile, budget: context.profile.budget.limits, criterion: context.criterion,
            digests: context.digests)
        self.file = file
        calibration = evidence.calibration?.samples.record
        scoredSHA256 = try evidence.scoring?.digest().sha256
        planSHA256 = try plan.map { try FileDigest(ofFile: $0).sha256 }
        proofInputs = evidence.proofInputs?.count ?? 0
        seed = bench.seed
    }

    /// SHA-256 of the inputs, in hexadecimal digits.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot hold.
    func digest() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return FileDigest(of: try encoder.encode(self)).sha256
    }
}

extension Budget {
    /// The lines with their limits alone.
    fileprivate var limits: [BudgetLine] {
        Key.allCases.compactMap { key in self[key].map { BudgetLine(key: key, limit: $0) } }
    }
}
