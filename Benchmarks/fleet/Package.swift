// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// A package of its own: it uses the adapter as a server would, through the product `RuntimeAdapter`.
let package = Package(
    name: "fleet",
    dependencies: [
        .package(name: "espalier", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .target(
            name: "FleetSimulation",
            dependencies: [.product(name: "RuntimeAdapter", package: "espalier")],
            swiftSettings: settings),
        .executableTarget(
            name: "fleet",
            dependencies: [
                "FleetSimulation", .product(name: "RuntimeAdapter", package: "espalier"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "FleetSimulationTests",
            dependencies: [
                "FleetSimulation", .product(name: "RuntimeAdapter", package: "espalier"),
            ],
            swiftSettings: settings),
    ])
