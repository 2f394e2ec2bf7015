import RuntimeAdapter

/// What clients saw while one thing was wrong, or nothing.
struct Tally: Sendable {
    var latency = LatencyHistogram()
    var origins: [Lease<SoakModel>.Origin: Int] = [:]
    var wrong: [String] = []
    var failures: [String] = []

    mutating func add(_ other: Tally) {
        latency.add(other.latency)
        origins.merge(other.origins, uniquingKeysWith: +)
        wrong += other.wrong
        failures += other.failures
    }
}

/// Asks again and again, and looks closely at what it gets.
struct SoakClient {
    let adapter: RuntimeAdapter<SoakModel>
    let state: SoakState
    /// How many leases are held at a time.
    private static let held = 3
    /// One lease in so many is read byte for byte.
    private static let readEvery = 64

    func run(seed: UInt64) async -> [Trouble: Tally] {
        var random = SystemRandomNumberGenerator()
        var tallies: [Trouble: Tally] = [:]
        var held: [(lease: Lease<SoakModel>, expected: UInt64)] = []
        var number = Int(seed)
        while !state.isStopped {
            number += 1
            let trouble = state.trouble
            let context = Self.context(using: &random)
            let start = ContinuousClock.now
            do {
                let lease = try await adapter.lease(for: context)
                let duration = start.duration(to: .now)
                var tally = tallies[trouble, default: Tally()]
                tally.latency.add(nanoseconds: Int(duration / .nanoseconds(1)))
                tally.origins[lease.origin, default: 0] += 1
                if let problem = check(lease, context) { tally.wrong.append(problem) }
                held.append((lease, state.checksum(of: lease.candidate.fileDigest) ?? 0))
                if held.count > Self.held {
                    // The one that was held for longest: much may have happened to it.
                    let (old, expected) = held.removeFirst()
                    if number % Self.readEvery == 0, old.model.checksum != expected {
                        tally.wrong.append("\(old.candidate.reference) has other bytes")
                    }
                    report(old, of: context, number: number)
                    old.release()
                }
                tallies[trouble] = tally
            } catch {
                tallies[trouble, default: Tally()].failures.append("\(error)")
            }
            if number % 16 == 0 { await Task.yield() }
        }
        return tallies
    }

    /// What is wrong with what a context got; nil if nothing is.
    private func check(_ lease: Lease<SoakModel>, _ context: RequestContext) -> String? {
        let candidate = lease.candidate
        if lease.model.fileDigest != candidate.fileDigest {
            return "\(candidate.reference) came with another one's model"
        }
        if state.checksum(of: candidate.fileDigest) == nil {
            return "\(candidate.reference) must not be served"
        }
        let limit = context.device.memoryMiB ?? .infinity
        if Double(candidate.peakMemoryBytes) > limit * 1_048_576 {
            return "\(candidate.reference) needs more than \(limit) MiB"
        }
        if let floor = context.accuracyFloor, (candidate.accuracy ?? 0) < floor {
            return "\(candidate.reference) is below \(floor)"
        }
        return nil
    }

    private func report(_ lease: Lease<SoakModel>, of context: RequestContext, number: Int) {
        guard number % 8 == 0, let predicted = lease.route.selection.inference else { return }
        adapter.observe(
            PerformanceReport(
                context: context, digest: lease.candidate.digest,
                inferenceMs: predicted.meanMs * Double(number % 5 + 1) / 3),
            failed: number % 1000 == 0 || state.isFailing(lease.candidate.digest))
    }

    /// Devices with little and much memory, with and without a floor; something fits each.
    private static func context(using random: inout SystemRandomNumberGenerator) -> RequestContext {
        RequestContext(
            model: "net",
            device: RequestContext.Device(
                deviceClass: ["phone-4g", "toaster", nil].randomElement(using: &random) ?? nil,
                memoryMiB: [0.5, 2, 5, 9, nil].randomElement(using: &random) ?? nil),
            accuracyFloor: Bool.random(using: &random) ? 0.85 : nil,
            client: "c\(Int.random(in: 0..<500, using: &random))")
    }
}
