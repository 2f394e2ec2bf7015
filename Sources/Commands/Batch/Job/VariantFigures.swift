import Contexts
import VariantStore

/// What is known about a variant, whether it was just made or read from the store.
struct VariantFigures: Sendable, Equatable {
    /// The base's costs in the profile's context.
    var base: Costs
    /// The variant's.
    var costs: Costs
    /// nil without labelled data.
    var accuracy: AccuracyRecord?
    /// nil without data.
    var agreement: AgreementRecord?
    /// Milliseconds of one inference on the machine that made it; nil if nobody measured.
    var measured: (before: Double, after: Double)?
    /// The profile's budget, held against the variant.
    var lines: [BudgetLine]
    /// Whether the shrunk network equals the masked one; nil if nobody tried.
    var proofHolds: Bool?

    static func == (a: VariantFigures, b: VariantFigures) -> Bool {
        (a.base, a.costs, a.lines, a.proofHolds) == (b.base, b.costs, b.lines, b.proofHolds)
            && a.accuracy == b.accuracy && a.agreement == b.agreement
            && a.measured?.before == b.measured?.before && a.measured?.after == b.measured?.after
    }
}

/// A version that a store holds.
struct PublishedVariant: Sendable, Equatable {
    /// As `resnet/phone-4g:v3`.
    var reference: String
    /// From 1.
    var version: Int
    /// Of the manifest, as OCI writes it: `sha256:` and 64 hexadecimal digits.
    var digest: String
    var figures: VariantFigures
}

/// What became of a variant that was to be made.
enum MadeVariant: Sendable {
    /// It is in the store; `isNew` is false where the store had the same content as an older version.
    case published(PublishedVariant, isNew: Bool)
    /// It was thrown away, for these gates.
    case refused([GateFailure], VariantFigures)
    /// The budget cannot be met, or the variant does not do what it should; in words, without the variant's name.
    case infeasible(reason: String)
}
