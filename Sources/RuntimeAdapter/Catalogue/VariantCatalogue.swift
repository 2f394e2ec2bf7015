/// What can be served, at one moment: an immutable snapshot that any number of threads may read.
///
/// The candidates of a family are next to each other, the most accurate first. Of those that nobody
/// evaluated nothing is known, so they come behind all others, by the multiply-adds that they keep.
/// The numbers that every selection looks at lie next to each other, in an array of their own.
public final class VariantCatalogue: Sendable {
    /// By family; within it the most accurate first, then fewer multiply-adds, fewer bytes, the reference.
    public let candidates: [CandidateDescription]
    /// What was left out, and why.
    public let refusals: [ManifestError]
    package let devices: DeviceDirectory

    private let families: [String: Range<Int>]
    private let places: [String: [Int32]]

    /// What a selection looks at, of each candidate.
    let figures: [CandidateFigures]

    /// A catalogue of the given candidates.
    ///
    /// - Complexity: O(n log n).
    public init(
        _ candidates: [CandidateDescription], devices: [KnownDevice] = [],
        refusals: [ManifestError] = []
    ) {
        let sorted = candidates.sorted(by: Self.isBefore)
        var families: [String: Range<Int>] = [:]
        var places: [String: [Int32]] = [:]
        var ranks: [Int32] = []
        for (index, candidate) in sorted.enumerated() {
            let family = families[candidate.model] ?? index..<index
            families[candidate.model] = family.lowerBound..<index + 1
            places[candidate.digest, default: []].append(Int32(clamping: index))
            if candidate.fileDigest != candidate.digest {
                places[candidate.fileDigest, default: []].append(Int32(clamping: index))
            }
            let isLevel = !family.isEmpty && Self.isAsAccurate(sorted[index - 1], candidate)
            ranks.append(isLevel ? ranks[index - 1] : Int32(clamping: index - family.lowerBound))
        }
        self.candidates = sorted
        self.devices = DeviceDirectory(devices)
        self.refusals = refusals
        self.families = families
        self.places = places
        figures = zip(sorted, ranks).map { candidate, rank in
            CandidateFigures(
                candidate, rank: rank, accuracy: Self.usable(candidate.accuracy) ?? -1)
        }
    }

    /// The families' names, sorted.
    public var models: [String] { families.keys.sorted() }

    /// The places of a family's candidates; of the only family if `model` is nil.
    ///
    /// nil if there is no such family, or several to choose from.
    func family(_ model: String?) -> Range<Int>? {
        if let model { return families[model] }
        return families.count == 1 ? families.first?.value : nil
    }

    /// The places of the candidates with a digest, of artifact or file, ascending; allocates nothing.
    func places(of digest: String) -> [Int32] { places[digest] ?? [] }

    // MARK: Order

    private static func isBefore(_ one: CandidateDescription, _ two: CandidateDescription) -> Bool {
        if one.model != two.model { return one.model < two.model }
        let accuracies = (usable(one.accuracy) ?? -1, usable(two.accuracy) ?? -1)
        if accuracies.0 != accuracies.1 { return accuracies.0 > accuracies.1 }
        if one.multiplyAdds != two.multiplyAdds {
            // Without an evaluation, more work is the better guess.
            let isLess = one.multiplyAdds < two.multiplyAdds
            return accuracies.0 < 0 ? !isLess : isLess
        }
        if one.fileBytes != two.fileBytes { return one.fileBytes < two.fileBytes }
        if one.reference != two.reference { return one.reference < two.reference }
        return one.digest < two.digest
    }

    private static func isAsAccurate(
        _ one: CandidateDescription, _ two: CandidateDescription
    ) -> Bool {
        switch (usable(one.accuracy), usable(two.accuracy)) {
        case (let one?, let two?): one == two
        case (nil, nil): one.multiplyAdds == two.multiplyAdds
        default: false
        }
    }

    /// What is no share was measured by nobody.
    private static func usable(_ accuracy: Double?) -> Double? {
        accuracy.flatMap { (0...1).contains($0) ? $0 : nil }
    }
}
