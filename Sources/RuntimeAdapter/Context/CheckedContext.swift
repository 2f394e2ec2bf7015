/// A context of which every number can be computed with; made once for each selection.
///
/// Making one allocates nothing unless there is something to complain about.
struct CheckedContext {
    /// Where no deadline is given, infinite.
    private(set) var loadDeadlineMs = Double.infinity
    private(set) var inferenceDeadlineMs = Double.infinity
    /// Infinite without a limit.
    private(set) var memoryBytes = Double.infinity
    /// Below every accuracy where none is given.
    private(set) var accuracyFloor = -1.0
    private(set) var hasFloor = false
    private(set) var network: CheckedNetwork?
    private(set) var runtime: String?
    private(set) var deviceClass: String?
    private(set) var capability: MeasuredCapability?
    private(set) var model: String?
    /// How many of the context's digests are looked at.
    private(set) var cachedCount = 0
    private(set) var loadedCount = 0
    private(set) var issues: [ContextIssue] = []

    /// The most digests of a client's cache that are looked at, and of its memory.
    static let mostDigests = 64
    /// The longest label, in bytes.
    static let longestText = 256

    init(_ context: RequestContext) {
        loadDeadlineMs = number(context.loadDeadlineMs, .loadDeadline) ?? .infinity
        inferenceDeadlineMs =
            number(context.inferenceDeadlineMs, .inferenceDeadline) ?? .infinity
        if let floor = number(context.accuracyFloor, .accuracyFloor) {
            accuracyFloor = floor
            hasFloor = true
        }
        if let memory = number(context.device.memoryMiB, .memory) {
            memoryBytes = memory * 1_048_576
        }
        runtime = text(context.device.runtime, .runtime)
        deviceClass = text(context.device.deviceClass, .deviceClass)
        model = text(context.model, .model)
        let measured = MeasuredCapability(
            peakGflops: number(context.device.peakGflops, .peakGflops),
            memoryBandwidthGBps: number(context.device.memoryBandwidthGBps, .memoryBandwidth),
            layerOverheadUs: number(context.device.layerOverheadUs, .layerOverhead))
        if !measured.isEmpty { capability = measured }
        if let network = context.network { read(network) }
        cachedCount = count(context.cached, .cached)
        loadedCount = count(context.loaded, .loaded)
    }

    private mutating func count(_ digests: [String], _ field: ContextField) -> Int {
        guard digests.count > Self.mostDigests else { return digests.count }
        report(field, .tooMany(count: digests.count, limit: Self.mostDigests))
        return Self.mostDigests
    }

    private mutating func read(_ network: RequestContext.Network) {
        let bandwidth = number(network.bandwidthMbps?.value, .bandwidth)
        let roundTrip = number(network.roundTripMs?.value, .roundTrip)
        let deviations = (
            bandwidth: deviation(network.bandwidthMbps, .bandwidthDeviation),
            roundTrip: deviation(network.roundTripMs, .roundTripDeviation)
        )
        switch (bandwidth, roundTrip) {
        case (let bandwidth?, let roundTrip?):
            self.network = CheckedNetwork(
                bandwidthMbps: bandwidth, roundTripMs: roundTrip,
                bandwidthDeviation: deviations.bandwidth, roundTripDeviation: deviations.roundTrip)
        case (.some, nil): report(.bandwidth, .lacks(.roundTrip))
        case (nil, .some): report(.roundTrip, .lacks(.bandwidth))
        case (nil, nil): break
        }
    }

    private mutating func deviation(_ estimate: Estimate?, _ field: ContextField) -> Double {
        number(estimate?.deviation, field) ?? 0
    }

    private mutating func number(_ value: Double?, _ field: ContextField) -> Double? {
        guard let value, let range = field.range else { return nil }
        guard !value.isNaN else {
            report(field, .notANumber)
            return nil
        }
        let used = min(max(value, range.lowerBound), range.upperBound)
        if used != value { report(field, .outOfRange(found: value, used: used)) }
        return used
    }

    private mutating func text(_ value: String?, _ field: ContextField) -> String? {
        guard let value, value.utf8.count > Self.longestText else { return value }
        report(field, .tooLong(limit: Self.longestText))
        return nil
    }

    private mutating func report(_ field: ContextField, _ problem: ContextIssue.Problem) {
        issues.append(ContextIssue(field: field, problem: problem))
    }
}

/// A network whose numbers are in range.
struct CheckedNetwork {
    let bandwidthMbps: Double
    let roundTripMs: Double
    let bandwidthDeviation: Double
    let roundTripDeviation: Double
}

/// What a client measured of its device; each in range or nil.
struct MeasuredCapability {
    let peakGflops: Double?
    let memoryBandwidthGBps: Double?
    let layerOverheadUs: Double?

    var isEmpty: Bool {
        peakGflops == nil && memoryBandwidthGBps == nil && layerOverheadUs == nil
    }
}

extension RequestContext {
    /// What in this context cannot be used as it stands; none if all of it can.
    public var issues: [ContextIssue] { CheckedContext(self).issues }
}
