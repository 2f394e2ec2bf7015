import RuntimeAdapter

/// What lasts of a client from session to session.
struct Client {
    let fleetClass: FleetClass
    let classIndex: Int
    let slowness: Double
    /// Places of candidates, the one used last in front.
    private(set) var cache: [Int] = []
    var monitor = ContextMonitor()
    var switchGuard = SwitchGuard()
    /// Until when the device is at work.
    var busyUntilMs = 0.0
    /// What answered last on the device.
    var lastServed: Int?
    var swaps = 0

    init(_ planned: PlannedClient) {
        fleetClass = FleetClass.all[planned.classIndex]
        classIndex = planned.classIndex
        slowness = planned.slowness
    }

    mutating func loseCache() { cache = [] }

    /// Puts a file into the cache, and drops what was unused for longest until all fits.
    mutating func keep(_ place: Int, candidates: [CandidateDescription]) {
        cache.removeAll { $0 == place }
        cache.insert(place, at: 0)
        var left = fleetClass.cacheMiB * 1_048_576
        cache = cache.filter { place in
            left -= Double(candidates[place].fileBytes)
            return left >= 0
        }
    }

    mutating func use(_ place: Int) {
        guard let index = cache.firstIndex(of: place), index > 0 else { return }
        cache.remove(at: index)
        cache.insert(place, at: 0)
    }
}

/// Where a session's answers come from.
enum Answering: Equatable {
    /// From the device, with the candidate at a place.
    case device(Int)
    case cloud
    /// From nowhere: what would run does not fit into memory.
    case nowhere
}

/// A session while it lasts.
struct SessionState {
    let trace: SessionTrace
    var answering = Answering.nowhere
    /// What can run now.
    var loaded: Int?
    /// What is on its way.
    var loading: Set<Int> = []
    /// Requests that wait for something to run, with when they came.
    var pending: [(number: Int, atMs: Double)] = []
    var isFirstDone = false
    /// How many requests are done.
    var doneCount = 0
    var lastAskedMs = -Double.infinity
    /// When each request came that is on its way to the cloud.
    var sentAtMs: [Int: Double] = [:]
    /// What the adapter was told last.
    var context: RequestContext?
    /// MiB that a model may use now.
    var memoryMiB: Double
    /// What the device measured of itself, in 10⁹ operations per second.
    var measuredGflops: Double
    /// What single inferences vary by.
    var jitter: SeededRandom
}
