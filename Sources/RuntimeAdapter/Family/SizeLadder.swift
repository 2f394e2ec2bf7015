import Contexts
import Foundation

/// Networks that a family might have: its largest one, made narrower and its file smaller, step by step.
///
/// Selections judge them as they judge real ones, so that whether one of them would serve a context is asked
/// in the same place.
struct SizeLadder {
    /// A size: the step of the width, and that of the file.
    struct Size: Hashable {
        let width: Int
        let file: Int
    }

    /// Widths go down to a sixteenth, files of each width to a 64th, four steps for each halving.
    static let widths = 17
    static let files = 25

    let selector: VariantSelector
    /// What the ladder was made from.
    let origin: CandidateDescription
    /// Multiply-adds of each width as a share of the base's, or of the origin's without a base.
    let workShares: [Double]
    private let places: [Int]

    /// A ladder for a family; nil if no candidate of it has a workload.
    init?(_ family: Range<Int>, of selector: VariantSelector) {
        let candidates = selector.catalogue.candidates[family]
        // A relative's workload is another network's, so a variant with its own comes first.
        let known = candidates.filter { $0.workload != nil && $0.multiplyAdds > 0 }
        guard
            let origin = known.filter({ !$0.isEstimated }).max(by: {
                $0.multiplyAdds < $1.multiplyAdds
            }) ?? known.first,
            let workload = origin.workload
        else { return nil }
        let most = Double(known.map(\.multiplyAdds).max() ?? origin.multiplyAdds)
        let widest = (most / Double(origin.multiplyAdds)).squareRoot()
        let bytesPerParameterByte =
            Double(origin.fileBytes) / Double(max(1, workload.parameterBytes))
        var rungs: [CandidateDescription] = []
        var shares: [Double] = []
        for width in 0..<Self.widths {
            let narrow = workload.narrowed(to: widest * exp2(-Double(width) / 4))
            shares.append(min(1, Double(narrow.multiplyAdds) / max(1, most)))
            let whole = Double(narrow.parameterBytes) * bytesPerParameterByte
            for file in 0..<Self.files {
                rungs.append(
                    CandidateDescription(
                        model: origin.model, reference: "",
                        digest: Self.name(Size(width: width, file: file)), fileDigest: "",
                        fileBytes: Int(saturating: whole * exp2(-Double(file) / 4)),
                        decodedBytes: narrow.parameterBytes,
                        peakMemoryBytes: CostModel.peakMemoryBytes(of: narrow),
                        multiplyAdds: narrow.multiplyAdds, workload: narrow))
            }
        }
        let catalogue = VariantCatalogue(rungs, devices: selector.catalogue.devices.devices)
        self.selector = VariantSelector(
            catalogue, options: selector.options, model: selector.model)
        self.origin = origin
        workShares = shares
        places = (0..<Self.widths * Self.files).map { number in
            let size = Size(width: number / Self.files, file: number % Self.files)
            return catalogue.places(of: Self.name(size)).first.map(Int.init) ?? 0
        }
    }

    private static func name(_ size: Size) -> String { "\(size.width) \(size.file)" }

    /// Where a size stands in the catalogue of ``selector``.
    func place(_ size: Size) -> Int { places[size.width * Self.files + size.file] }

    /// The largest size that a context takes, its accuracy floor aside; nil if it takes none.
    func largest(in evaluation: Evaluation) -> Size? {
        for width in 0..<Self.widths {
            let whole = place(Size(width: width, file: 0))
            guard evaluation.isUsable(whole), evaluation.infersInTime(whole) else { continue }
            for file in 0..<Self.files {
                let size = Size(width: width, file: file)
                if evaluation.isInTime(evaluation.downloadOrNil(place(size))) { return size }
            }
        }
        return nil
    }

    /// Whether a context takes a size, its accuracy floor aside.
    func takes(_ size: Size, in evaluation: Evaluation) -> Bool {
        let place = place(size)
        return evaluation.isUsable(place) && evaluation.infersInTime(place)
            && evaluation.isInTime(evaluation.downloadOrNil(place))
    }
}
