/// Why a candidate does not fit a context, with the figures.
public enum Rejection: Sendable, Hashable {
    /// The signature policy refuses it.
    case untrusted
    /// It needs more memory than there is; bytes.
    case memory(needed: Double, limit: Double)
    /// It is less accurate than asked for.
    case accuracy(Double, floor: Double)
    /// Nobody evaluated it, and a floor is asked for.
    case accuracyUnknown(floor: Double)
    /// Inference takes too long, as mean + k·σ; milliseconds.
    case inference(upperMs: Double, deadlineMs: Double)
    /// There is a deadline, and nothing is known that predicts inference.
    case inferenceUnknown(deadlineMs: Double)
    /// It would come too late, as mean + k·σ; milliseconds.
    case load(upperMs: Double, deadlineMs: Double)
    /// There is a deadline, and nothing is known of the network.
    case loadUnknown(deadlineMs: Double)
}

extension Rejection: CustomStringConvertible {
    /// The figures in short, such as `load 812 ms > 500 ms deadline`.
    public var description: String {
        switch self {
        case .untrusted: "not signed by a key that counts"
        case .memory(let needed, let limit):
            "memory \(Self.mebibytes(needed)) > \(Self.mebibytes(limit))"
        case .accuracy(let accuracy, let floor):
            "accuracy \(Self.short(accuracy * 100)) % < \(Self.short(floor * 100)) % floor"
        case .accuracyUnknown(let floor):
            "accuracy unknown, floor \(Self.short(floor * 100)) %"
        case .inference(let upper, let deadline):
            "inference \(Self.short(upper)) ms > \(Self.short(deadline)) ms deadline"
        case .inferenceUnknown(let deadline):
            "inference cannot be predicted, deadline \(Self.short(deadline)) ms"
        case .load(let upper, let deadline):
            "load \(Self.short(upper)) ms > \(Self.short(deadline)) ms deadline"
        case .loadUnknown(let deadline):
            "load unknown without a network, deadline \(Self.short(deadline)) ms"
        }
    }

    private static func mebibytes(_ bytes: Double) -> String { short(bytes / 1_048_576) + " MiB" }

    /// Four significant digits at most, as people write them.
    private static func short(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let size = abs(value)
        let scale = size >= 100 ? 1.0 : size >= 10 ? 10 : size >= 1 ? 100 : 10_000
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}
