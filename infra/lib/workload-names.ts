/** The services: workspaces of package.json, folders of workloads/, images, service accounts and roles. */
export const workloadNames = ['metering', 'model-analyzer', 'polybot', 'yolo5'] as const;
export type WorkloadName = (typeof workloadNames)[number];
