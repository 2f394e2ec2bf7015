/// What a selection looks at, of one candidate: plain numbers, so that a scan touches nothing else.
struct CandidateFigures: Sendable {
    let memoryBytes: Double
    /// -1 if nobody evaluated.
    let accuracy: Double
    let fileBytes: Double
    /// Round trips in which its download has not yet opened the window wide enough.
    let slowStartRounds: Double
    /// Bytes that have come by then.
    let slowStartBytes: Double
    /// Equal for candidates of a family that are as accurate as each other; ascending.
    let rank: Int32
    let isTrusted: Bool

    init(_ candidate: CandidateDescription, rank: Int32, accuracy: Double) {
        memoryBytes = Double(candidate.peakMemoryBytes)
        self.accuracy = accuracy
        fileBytes = Double(max(0, candidate.fileBytes))
        slowStartRounds = DownloadTime.slowStartRounds(bytes: candidate.fileBytes)
        slowStartBytes = DownloadTime.bytes(afterRounds: slowStartRounds)
        self.rank = rank
        isTrusted = candidate.trust == .accepted
    }
}
