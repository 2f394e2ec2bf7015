/// What is known of a client when it asks for a model: device, network, deadlines, what it has.
///
/// Everything may be absent, and nothing is believed to make sense: a selection moves a number that is
/// out of its range to the nearest end, takes what is no number as absent, and says so in
/// ``Selection/issues``. `docs/adapter.md` has the ranges and what absent means for each.
public struct RequestContext: Sendable, Hashable {
    /// What runs the model.
    public struct Device: Sendable, Hashable, Codable {
        /// Label of the runtime, such as `tfjs-wasm`; compared as a whole, as in profiles.
        public var runtime: String?
        /// Name of a device class that the catalogue knows: a profile's name, such as `phone-4g`.
        public var deviceClass: String?
        /// Measured 32-bit rate in 10⁹ operations per second; a multiply-add counts as two.
        public var peakGflops: Double?
        /// Measured memory bandwidth in 10⁹ bytes per second.
        public var memoryBandwidthGBps: Double?
        /// Measured cost of dispatching one layer, in microseconds.
        public var layerOverheadUs: Double?
        /// Memory that the model may use, in MiB.
        public var memoryMiB: Double?

        /// A device of which nothing more is known than what is given.
        public init(
            runtime: String? = nil, deviceClass: String? = nil, peakGflops: Double? = nil,
            memoryBandwidthGBps: Double? = nil, layerOverheadUs: Double? = nil,
            memoryMiB: Double? = nil
        ) {
            self.runtime = runtime
            self.deviceClass = deviceClass
            self.peakGflops = peakGflops
            self.memoryBandwidthGBps = memoryBandwidthGBps
            self.layerOverheadUs = layerOverheadUs
            self.memoryMiB = memoryMiB
        }

        enum CodingKeys: String, CodingKey {
            case runtime
            case deviceClass = "class"
            case peakGflops = "peak-gflops"
            case memoryBandwidthGBps = "memory-bandwidth-gbps"
            case layerOverheadUs = "layer-overhead-us"
            case memoryMiB = "memory-mib"
        }
    }

    /// What the variant comes over.
    public struct Network: Sendable, Hashable {
        /// Download rate in 10⁶ bits per second.
        public var bandwidthMbps: Estimate?
        /// Time from a request to the first byte of its answer, in milliseconds.
        public var roundTripMs: Estimate?

        /// A network; one of which either number is missing counts as unknown.
        public init(bandwidthMbps: Estimate? = nil, roundTripMs: Estimate? = nil) {
            self.bandwidthMbps = bandwidthMbps
            self.roundTripMs = roundTripMs
        }
    }

    /// The family to choose from, such as `fashion-mobilenet`; nil where the catalogue has just one.
    public var model: String?
    /// What runs the model.
    public var device: Device
    /// What the variant comes over; nil if nobody knows.
    public var network: Network?
    /// Milliseconds until the variant must be able to run; nil without such a deadline.
    public var loadDeadlineMs: Double?
    /// Milliseconds that one inference may take; nil without such a deadline.
    public var inferenceDeadlineMs: Double?
    /// The least share of right answers, 0 to 1; nil if any will do.
    public var accuracyFloor: Double?
    /// Digests of artifacts or files that the client has, as `sha256:` and 64 digits.
    ///
    /// They need not be downloaded, but decoded.
    public var cached: [String]
    /// Digests of artifacts or files that the client has in memory, ready to run.
    public var loaded: [String]
    /// What tells this client from others, for stable roll-outs; chosen by the server, not by the client.
    public var client: String?

    /// A context of which nothing more is known than what is given.
    public init(
        model: String? = nil, device: Device = Device(), network: Network? = nil,
        loadDeadlineMs: Double? = nil, inferenceDeadlineMs: Double? = nil,
        accuracyFloor: Double? = nil, cached: [String] = [], loaded: [String] = [],
        client: String? = nil
    ) {
        self.model = model
        self.device = device
        self.network = network
        self.loadDeadlineMs = loadDeadlineMs
        self.inferenceDeadlineMs = inferenceDeadlineMs
        self.accuracyFloor = accuracyFloor
        self.cached = cached
        self.loaded = loaded
        self.client = client
    }
}
