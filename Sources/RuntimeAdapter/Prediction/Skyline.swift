/// The candidates of a catalogue that are not worse than another one in everything, on one class of devices.
///
/// A candidate that is at most as accurate as one in front of it, at least as large, and takes at least as long in every way, is never chosen, whatever the
/// context: where it fits, the other one does, and comes first. Only what a client has cached can speak for it, which is looked at
/// apart. Of a thousand variants some dozens are left to look at.
///
/// Source: Börzsönyi, Kossmann, Stocker, "The Skyline Operator", ICDE 2001 (its block-nested loops, over candidates in the order of
/// the catalogue, so that none is taken back).
struct Skyline: Sendable {
    /// In the order of the catalogue.
    private let members: [Int32]
    /// How many members stand in front of each candidate; one entry more than there are candidates.
    private let before: [Int32]

    /// Held against so many members at most, so that no catalogue takes long; who is not beaten by them stays.
    private static let mostComparisons = 256

    /// - Complexity: O(candidates · members).
    init(_ catalogue: VariantCatalogue, _ predictions: [PredictionTable.Figures]) {
        var members: [Int32] = []
        var before: [Int32] = [0]
        var (model, first) = (catalogue.candidates.first?.model, 0)
        for index in predictions.indices {
            if catalogue.candidates[index].model != model {
                (model, first) = (catalogue.candidates[index].model, members.count)
            }
            let isBeaten = members[first...].prefix(Self.mostComparisons).contains { member in
                Self.isWorse(index, than: Int(member), catalogue.figures, predictions)
            }
            if !isBeaten { members.append(Int32(clamping: index)) }
            before.append(Int32(clamping: members.count))
        }
        self.members = members
        self.before = before
    }

    /// Those of a family.
    @inline(__always)
    func members(of family: Range<Int>) -> ArraySlice<Int32> {
        members[Int(before[family.lowerBound])..<Int(before[family.upperBound])]
    }

    /// Whether the first of two, which stands behind the other, is nowhere better.
    private static func isWorse(
        _ index: Int, than other: Int, _ figures: [CandidateFigures],
        _ predictions: [PredictionTable.Figures]
    ) -> Bool {
        let (one, two) = (figures[index], figures[other])
        let (slow, fast) = (predictions[index], predictions[other])
        return two.isTrusted && two.memoryBytes <= one.memoryBytes && two.fileBytes <= one.fileBytes
            // A larger file may have less left when the window is open, and is then less uncertain.
            && two.fileBytes - two.slowStartBytes <= one.fileBytes - one.slowStartBytes
            && fast.inferenceMs <= slow.inferenceMs
            && fast.inferenceUpperMs <= slow.inferenceUpperMs
            && fast.decodingMs <= slow.decodingMs && fast.loadFactor <= slow.loadFactor
            && fast.loadVariance <= slow.loadVariance
    }
}
