export function LiveView(_: { active: boolean; gateway: string; token: string }) { return <p/> }
