import RuntimeAdapter

/// How a client gets its answers.
package enum Policy: String, CaseIterable, Sendable {
    /// Downloads the whole network.
    case fixedBase = "base, downloaded"
    /// Has the whole network from the start: it came with the application.
    case installed = "base, installed"
    /// Downloads one variant of middle size, the same everywhere.
    case fixedMiddle = "one mid-size variant"
    /// The same; the cloud answers while it loads.
    case fixedMiddleCloud = "one mid-size variant + cloud"
    /// Asks the cloud for every answer.
    case cloud = "cloud"
    /// Downloads the variant of the profile that is most like device and network.
    case nearest = "nearest profile"
    /// What the adapter selects, but for what observations would teach it.
    case adapterUnlearned = "adapter, no learning"
    /// What the adapter selects, changed to at once.
    case adapterUnguarded = "adapter, no guard"
    /// What the adapter selects.
    case adapter = "adapter"
    /// What the adapter selects for the speed that clients measured.
    case adapterMeasured = "adapter, measured speed"
    /// What the adapter selects; the cloud answers while it loads, and where the device is too slow and the cloud sooner.
    case adapterCloud = "adapter + cloud"
    /// The variant that brings most right answers in time, with everything known.
    case oracle = "oracle"

    /// Whether the adapter selects.
    var isAdapter: Bool {
        switch self {
        case .adapter, .adapterUnlearned, .adapterUnguarded, .adapterMeasured, .adapterCloud: true
        default: false
        }
    }

    /// Whether observations are recorded.
    var learns: Bool { isAdapter && self != .adapterUnlearned }

    /// Whether changes have to be worth it.
    var isGuarded: Bool { isAdapter && self != .adapterUnguarded }

    /// Whether clients send the speed that they measured.
    var measures: Bool { self == .adapterMeasured }

    /// Whether the cloud answers while nothing is loaded.
    var usesCloudWhileLoading: Bool { self == .adapterCloud || self == .fixedMiddleCloud }
}
