import Foundation
import RuntimeAdapter

extension Policy {
    /// Whether clients ask a server what to run.
    var asks: Bool { isAdapter || self == .nearest || self == .oracle }
}

extension Simulation {
    /// Finds out where a session's answers come from, and begins to load what is needed.
    mutating func decide(_ index: Int, now: Double) {
        guard let session = sessions[index] else { return }
        sessions[index]?.lastAskedMs = now
        // Nobody can be asked in an outage: what is there serves, or the network has to come back first.
        let at = session.trace.connected(from: now)
        let client = plan.sessions[index].client
        if at > now, policy.asks,
            let place = session.loaded ?? clients[client].cache.first(where: { fits($0, session) })
        {
            answer(.device(place), in: index, now: now)
            return
        }
        let answering: Answering =
            switch policy {
            case .fixedBase, .installed: .device(truth.base)
            case .fixedMiddle, .fixedMiddleCloud: .device(middle)
            case .cloud: .cloud
            case .nearest: .device(nearest(index, now: at))
            case .oracle: .device(best(index, now: at))
            case .adapter, .adapterUnlearned, .adapterUnguarded, .adapterMeasured, .adapterCloud:
                select(index, now: at)
            }
        answer(answering, in: index, now: now)
    }

    /// Lets a session's answers come from somewhere from now on.
    private mutating func answer(_ answering: Answering, in index: Int, now: Double) {
        guard let session = sessions[index] else { return }
        guard case .device(let place) = answering else {
            sessions[index]?.answering = answering
            return
        }
        guard Double(truth.candidates[place].peakMemoryBytes) <= session.memoryMiB * 1_048_576
        else {
            sessions[index]?.answering = .nowhere
            return
        }
        sessions[index]?.answering = answering
        let client = plan.sessions[index].client
        // Something that is there serves until the wanted one is.
        if session.loaded == nil, !clients[client].cache.contains(place),
            let other = clients[client].cache.first(where: { fits($0, session) })
        {
            load(other, in: index, now: now)
        }
        load(place, in: index, now: now)
    }

    /// Whether a session's device has the memory for a candidate.
    func fits(_ place: Int, _ session: SessionState) -> Bool {
        Double(truth.candidates[place].peakMemoryBytes) <= session.memoryMiB * 1_048_576
    }

    // MARK: The nearest profile

    /// By the distance of logarithms of speed and bandwidth.
    private func nearest(_ index: Int, now: Double) -> Int {
        let client = clients[plan.sessions[index].client]
        let bandwidth = client.monitor.network(atMs: now)?.bandwidthMbps?.value
        func distance(_ other: FleetClass) -> Double {
            let speed = log(client.fleetClass.peakGflops / other.peakGflops)
            let rate = bandwidth.map { log($0 / other.profileMbps) } ?? 0
            return speed * speed + rate * rate
        }
        var nearest = client.classIndex
        for (place, other) in FleetClass.all.enumerated()
        where distance(other) < distance(FleetClass.all[nearest]) {
            nearest = place
        }
        return ofProfile[nearest]
    }

    // MARK: The adapter

    private mutating func select(_ index: Int, now: Double) -> Answering {
        guard let session = sessions[index] else { return .cloud }
        let context = context(of: session, index, now: now)
        sessions[index]?.context = context
        let selection = selector.select(context)
        guard let candidate = selection.candidate, let place = truth.places[candidate.digest]
        else { return .cloud }
        if policy == .adapterCloud, isCloudBetter(than: selection, context) { return .cloud }
        guard policy.isGuarded else { return .device(place) }
        let client = plan.sessions[index].client
        guard let proposal = selector.assess(candidate.digest, in: context) else {
            return .device(place)
        }
        // What was lost from the cache is no longer there.
        let used = clients[client].switchGuard.current.flatMap { digest in
            (context.cached + context.loaded).contains(digest)
                ? selector.assess(digest, in: context) : nil
        }
        _ = clients[client].switchGuard.consider(
            SwitchGuard.Option(proposal), used: used.map { SwitchGuard.Option($0) }, atMs: now)
        let current = clients[client].switchGuard.current.flatMap { truth.places[$0] }
        return .device(current ?? place)
    }

    /// What the server is told.
    private func context(of session: SessionState, _ index: Int, now: Double) -> RequestContext {
        let planned = plan.sessions[index]
        let client = clients[planned.client]
        let deadline = planned.isLive ? options.liveDeadlineMs : options.tapDeadlineMs
        return RequestContext(
            model: family,
            device: .init(
                runtime: client.fleetClass.runtime, deviceClass: client.fleetClass.name,
                peakGflops: policy.measures ? session.measuredGflops : nil,
                memoryMiB: session.memoryMiB),
            network: client.monitor.network(atMs: now),
            loadDeadlineMs: options.toldLoadMs ?? options.firstDeadlineMs - deadline,
            inferenceDeadlineMs: deadline,
            cached: client.cache.map { truth.candidates[$0].digest },
            loaded: session.loaded.map { [truth.candidates[$0].digest] } ?? [],
            client: "\(planned.client)")
    }

    /// Whether the device is expected to miss the deadline of an inference, and the cloud to be sooner.
    private func isCloudBetter(than selection: Selection, _ context: RequestContext) -> Bool {
        guard let inference = selection.inference, let deadline = context.inferenceDeadlineMs,
            inference.upperMs > deadline, let network = context.network,
            let roundTrip = network.roundTripMs?.value, let rate = network.bandwidthMbps?.value
        else { return false }
        let upload = options.inputBytes / (rate * 125 * Self.uploadShare)
        return roundTrip + upload + cloudMeanMs < inference.meanMs
    }

    /// What a server guesses of uploads when it knows downloads.
    private static let uploadShare = 0.25
}
