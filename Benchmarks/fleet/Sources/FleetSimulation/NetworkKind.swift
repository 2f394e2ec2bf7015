/// What a client is connected by.
package enum NetworkKind: Int, CaseIterable, Sendable {
    case fixedLine, wifi, fiveG, fourG, threeG, outage

    /// Median download rate in 10⁶ bits per second; 0 where there is none.
    package var medianMbps: Double {
        switch self {
        case .fixedLine: 940
        case .wifi: 50
        case .fiveG: 50
        case .fourG: 14.4
        case .threeG: 4
        case .outage: 0
        }
    }

    /// Standard deviation of the logarithm of the rate, over places and moments together.
    package var logDeviation: Double {
        switch self {
        case .fixedLine: 0.1
        case .wifi: 0.8
        case .fiveG: 1.38
        case .fourG: 1.2
        case .threeG: 0.89
        case .outage: 0
        }
    }

    /// Upload rate as a share of the download rate.
    package var uploadShare: Double {
        switch self {
        case .fixedLine: 1
        case .wifi: 0.25
        case .fiveG: 0.11
        case .fourG: 0.26
        case .threeG: 0.34
        case .outage: 0
        }
    }

    /// Median round trip in milliseconds.
    package var roundTripMs: Double {
        switch self {
        case .fixedLine: 5
        case .wifi: 25
        case .fiveG: 30
        case .fourG: 70
        case .threeG: 150
        case .outage: 1000
        }
    }
}
