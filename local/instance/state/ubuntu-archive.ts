/** The packages of Ubuntu 24.04 that the documents ask for, with the versions of its archive. */
export const ubuntuArchive: Readonly<Record<string, string>> = {
  'ca-certificates': '20240203',
  conntrack: '1:1.4.8-1ubuntu1',
  curl: '8.5.0-2ubuntu10.6',
  ethtool: '1:6.7-1build1',
  gnupg: '2.4.4-2ubuntu17.3',
  iptables: '1.8.10-3ubuntu2',
  socat: '1.8.0.0-4build3',
  unzip: '6.0-28ubuntu4.1',
};

/** Those that the image has already. The official one has curl, too; minimal images, which people make from it, do not. */
export const imagePackageNames = ['ca-certificates', 'gnupg', 'iptables'];
