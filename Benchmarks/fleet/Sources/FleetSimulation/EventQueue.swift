/// Something that happens to a session.
enum Event {
    /// Its page begins to load.
    case begin
    /// The page is there.
    case pageReady
    /// A request comes, by its number in the session.
    case request(Int)
    /// A client asks for the file of a variant, by its place.
    case fetch(Int)
    /// A variant can run, by its place; with what its file took to come, or nil if it was in the cache.
    case loaded(Int, LoadRecord?)
    /// A request reaches the cloud.
    case cloudArrival(Int)
    /// Nobody waits for the first answer any more.
    case patienceEnds
}

/// What the load of a variant was like.
struct LoadRecord {
    var bytes: Int
    var transferMs: Double
    var loadMs: Double
}

/// What is to come, the soonest first; what is due at the same time in the order in which it was added.
struct EventQueue {
    struct Entry {
        let atMs: Double
        let number: Int
        let session: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool {
            atMs != other.atMs ? atMs < other.atMs : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var count = 0

    mutating func add(_ event: Event, session: Int, atMs: Double) {
        heap.append(Entry(atMs: atMs, number: count, session: session, event: event))
        count += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
