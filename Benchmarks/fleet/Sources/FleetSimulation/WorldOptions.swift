/// What the simulated world is like; `docs/fleet.md` says for each figure where it comes from.
///
/// All times are milliseconds.
package struct WorldOptions: Sendable {
    /// Clients in the fleet.
    package var clients = 2000
    /// When the simulated part of a day begins, and how long it is, in hours.
    package var beginHour = 0.0
    /// See ``beginHour``.
    package var hours = 24.0
    /// Sessions that a client begins in a day, on average.
    package var sessionsPerDay = 4.0
    /// By how much the busiest moment has more sessions than the average, and the quietest fewer; a share.
    package var diurnalSwing = 0.8
    /// The busiest hour.
    package var busiestHour = 20.0

    /// Share of sessions that look through a camera; in the others people ask one thing after another.
    package var liveShare = 0.3
    /// Requests of a live session and of another, on average.
    package var liveRequests = 30.0
    /// See ``liveRequests``.
    package var tapRequests = 8.0
    /// From one request of a live session to the next.
    package var liveIntervalMs = 200.0
    /// Likewise of others, on average.
    package var tapIntervalMs = 4000.0
    /// An answer in a live session is of use for so long: a picture of 30 a second.
    package var liveDeadlineMs = 1000.0 / 30
    /// Likewise in others: what feels immediate.
    package var tapDeadlineMs = 100.0
    /// The first answer of a session, from when the page is there.
    package var firstDeadlineMs = 3000.0
    /// After so long nobody waits any more.
    package var patienceMs = 10_000.0

    /// Standard deviations of logarithms: what the adapter's figures of a class are off by, of a variant on
    /// a class, of one device from its class, of a device's slow drift, of single inferences.
    package var classDeviation = 0.35
    /// See ``classDeviation``.
    package var variantDeviation = 0.12
    /// See ``classDeviation``.
    package var deviceDeviation = 0.35
    /// See ``classDeviation``.
    package var driftDeviation = 0.1
    /// See ``classDeviation``.
    package var jitterDeviation = 0.1
    /// How much longer an inference takes on a hot device.
    package var hotSlowdown = 1.6
    /// Share of inferences that something else interrupts, and how much longer they take.
    package var hiccupShare = 0.02
    /// See ``hiccupShare``.
    package var hiccupSlowdown = 3.0
    /// How far a client's own measurement of its speed is off; deviation of the logarithm.
    package var measurementDeviation = 0.1

    /// What every bandwidth is multiplied by.
    package var bandwidthFactor = 1.0
    /// Deviation of the logarithm of the rate within one connection, and how long it lasts.
    package var rateDeviation = 0.4
    /// See ``rateDeviation``.
    package var rateMemoryMs = 10_000.0
    /// How long a kind of network stays, on average; outages come and go with ``outageMs``.
    package var networkMs = 180_000.0
    /// See ``networkMs``.
    package var outageMs = 15_000.0
    /// Deviation of the logarithm of round trips.
    package var roundTripDeviation = 0.3
    /// Bytes of an input as it travels to the cloud, and of what is around it.
    package var inputBytes = 784.0 + 500
    /// Share of sessions that find the browser's cache empty.
    package var cacheLoss = 0.25

    /// Cores of the cloud.
    package var cloudWorkers = 1
    /// What a request costs a core of the cloud beside the network itself.
    package var cloudOverheadMs = 2.0
    /// What leaves the server at most, in 10⁶ bits per second.
    package var egressMbps = 940.0

    /// The networks are so many times as large as those in the store, in bytes and in work.
    package var networkScale = 1.0
    /// What the adapter is told a load may take; nil for what the first answer's deadline leaves.
    package var toldLoadMs: Double?
    /// A client asks again after so long.
    package var askAgainMs = 10_000.0

    /// The world of the main comparison.
    package init() {}
}
