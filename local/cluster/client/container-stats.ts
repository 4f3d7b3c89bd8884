/** What a container has used so far, as a kubelet's stats API reports it; metrics-server scrapes it. */
export interface ContainerStats {
  readonly podUid: string;
  readonly container: string;
  readonly startedAtMilliseconds: number;
  readonly measuredAtMilliseconds: number;
  /** Of all processes of the container, since it started. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}
